"""Frameworks as the API takes and shows them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from marketplace.foundation.api import actor_of
from procurement.contracts.queries import sees_figures

NUMBER: dict[str, Any] = {"max_digits": 19, "decimal_places": 6}


class FrameworkStepSerializer(serializers.Serializer[Any]):
    """From so much of one call-off on, every unit costs so much."""

    from_quantity = serializers.DecimalField(**NUMBER)
    unit_price = serializers.DecimalField(**NUMBER)


class FrameworkOut(serializers.Serializer[Any]):
    """A framework; the ceilings and what was called are its supplier's and staff's to know."""

    ref = serializers.CharField()
    state = serializers.CharField()
    revision = serializers.IntegerField()
    supplier = serializers.CharField(source="supplier.ref")
    product = serializers.CharField(source="product.ref")
    title = serializers.CharField()
    unit = serializers.CharField()
    currency = serializers.CharField()
    steps = FrameworkStepSerializer(many=True)
    unit_freight = serializers.DecimalField(**NUMBER)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="the first day on which nothing is called off any more")
    lead_days = serializers.IntegerField()
    ceiling = serializers.DecimalField(**NUMBER, allow_null=True)
    ceiling_minor = serializers.IntegerField(allow_null=True)
    called = serializers.DecimalField(**NUMBER, allow_null=True)
    called_minor = serializers.IntegerField(allow_null=True)
    verbs = serializers.ListField(child=serializers.CharField())

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = dict(super().to_representation(instance))
        if not sees_figures(actor_of(self.context["request"]), instance):
            shown |= dict.fromkeys(("ceiling", "ceiling_minor", "called", "called_minor"))
        return shown


class FrameworkIn(serializers.Serializer[Any]):
    """What a framework says; one of the two ceilings is needed."""

    supplier = serializers.CharField(max_length=40)
    product = serializers.CharField(max_length=40)
    title = serializers.CharField(max_length=200)
    currency = serializers.CharField(max_length=3)
    steps = FrameworkStepSerializer(many=True)
    unit_freight = serializers.DecimalField(**NUMBER, min_value=0, required=False, default=Decimal(0))
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    lead_days = serializers.IntegerField(min_value=0, max_value=1000, required=False, default=30)
    ceiling = serializers.DecimalField(**NUMBER, required=False, default=None, allow_null=True)
    ceiling_money = serializers.DecimalField(
        max_digits=17, decimal_places=3, required=False, default=None, allow_null=True
    )


class CallOffIn(serializers.Serializer[Any]):
    pool = serializers.CharField(max_length=40)


class CallOffOut(serializers.Serializer[Any]):
    """What a pool took of a framework, and the order that it placed."""

    ref = serializers.CharField()
    state = serializers.CharField()
    pool = serializers.CharField(source="pool.ref")
    order = serializers.SerializerMethodField()
    quantity = serializers.DecimalField(**NUMBER)
    unit_price = serializers.DecimalField(**NUMBER)
    amount_minor = serializers.IntegerField()
    called_at = serializers.DateTimeField()

    def get_order(self, row: Any) -> str:
        return str(self.context["orders"].get(row.ref, ""))
