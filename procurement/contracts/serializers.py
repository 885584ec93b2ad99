"""Orders as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class OrderOut(serializers.Serializer[Any]):
    """An order without its lines."""

    ref = serializers.CharField()
    state = serializers.CharField()
    revision = serializers.IntegerField()
    supplier = serializers.CharField(source="supplier.ref")
    tender = serializers.CharField(source="tender_ref")
    currency = serializers.CharField()
    total_minor = serializers.IntegerField()
    placed_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    verbs = serializers.ListField(child=serializers.CharField())


class ShareOut(serializers.Serializer[Any]):
    """One member's share; buyers see their own alone."""

    buyer = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=19, decimal_places=6)
    delivered = serializers.DecimalField(max_digits=19, decimal_places=6)


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
    shares = ShareOut(many=True)


class DeclineIn(serializers.Serializer[Any]):
    why = serializers.CharField(max_length=2000)
