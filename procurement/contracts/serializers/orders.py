"""Orders as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.foundation.api import actor_of


class OrderOut(serializers.Serializer[Any]):
    """An order without its lines."""

    ref = serializers.CharField()
    state = serializers.CharField()
    revision = serializers.IntegerField()
    supplier = serializers.CharField(source="supplier.ref")
    tender = serializers.CharField(source="tender_ref")
    currency = serializers.CharField()
    total_minor = serializers.SerializerMethodField()
    placed_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    verbs = serializers.ListField(child=serializers.CharField())

    def get_total_minor(self, order: Any) -> int | None:
        """Tell the order's total to its supplier and to staff; a buyer's share of one pool is not all of it."""
        actor = actor_of(self.context["request"])
        return order.total_minor if actor.staff or order.supplier.ref == actor.organisation else None


class ShareOut(serializers.Serializer[Any]):
    """One member's share; buyers see their own alone."""

    buyer = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=19, decimal_places=6)
    delivered = serializers.DecimalField(max_digits=19, decimal_places=6)


class DeliveryOut(serializers.Serializer[Any]):
    """So much is to be sent by the end of a day."""

    due_on = serializers.DateField()
    quantity = serializers.DecimalField(max_digits=19, decimal_places=6)


class OrderLineOut(serializers.Serializer[Any]):
    """A line with the shares the asker may see."""

    id = serializers.IntegerField()
    pool = serializers.CharField()
    product = serializers.IntegerField()
    region = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=19, decimal_places=6)
    shipped = serializers.DecimalField(max_digits=19, decimal_places=6)
    delivered = serializers.DecimalField(max_digits=19, decimal_places=6)
    unit_price = serializers.DecimalField(max_digits=19, decimal_places=6)
    unit_freight = serializers.DecimalField(max_digits=19, decimal_places=6)
    due_on = serializers.DateField(help_text="the last of its deliveries")
    deliveries = DeliveryOut(many=True, allow_null=True, help_text="for the supplier and staff")
    shares = ShareOut(many=True)


class DeclineIn(serializers.Serializer[Any]):
    why = serializers.CharField(max_length=2000)
