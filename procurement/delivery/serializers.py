"""Shipments and receipts as the API shows and takes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

QUANTITY: dict[str, Any] = {"max_digits": 19, "decimal_places": 6}


class ShipmentOut(serializers.Serializer[Any]):
    ref = serializers.CharField()
    state = serializers.CharField()
    revision = serializers.IntegerField()
    order = serializers.CharField(source="order.ref")
    tracking = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    dispatched_at = serializers.DateTimeField()
    arrived_at = serializers.DateTimeField(allow_null=True)
    verbs = serializers.ListField(child=serializers.CharField())


class ReceiptLineOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    due = serializers.DecimalField(**QUANTITY)
    share = serializers.DecimalField(**QUANTITY)
    accepted = serializers.DecimalField(**QUANTITY, allow_null=True)
    rejected = serializers.DecimalField(**QUANTITY, allow_null=True)


class ReceiptOut(serializers.Serializer[Any]):
    ref = serializers.CharField()
    state = serializers.CharField()
    revision = serializers.IntegerField()
    shipment = serializers.CharField(source="shipment.ref")
    order = serializers.CharField(source="shipment.order.ref")
    lines = ReceiptLineOut(many=True)
    verbs = serializers.ListField(child=serializers.CharField())


class LineQuantityIn(serializers.Serializer[Any]):
    id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    quantity = serializers.DecimalField(**QUANTITY, min_value=Decimal(0))


def by_line(lines: Any) -> dict[int, Decimal]:
    """Return quantities by line id.

    :raises ValidationError: a line is named twice.
    """
    found = {line["id"]: line["quantity"] for line in lines}
    if len(found) < len(lines):
        raise serializers.ValidationError({"lines": "a line is named twice"})
    return found


class DispatchIn(serializers.Serializer[Any]):
    order = serializers.CharField(max_length=40)
    tracking = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    lines = LineQuantityIn(many=True, required=False)


class ConfirmIn(serializers.Serializer[Any]):
    rejected = LineQuantityIn(many=True, required=False, default=list)
    why = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ArriveIn(serializers.Serializer[Any]):
    counted = LineQuantityIn(many=True, required=False, default=list)


class SupplierInvoiceIn(serializers.Serializer[Any]):
    order = serializers.CharField(max_length=40)
    number = serializers.CharField(max_length=40)


class SupplierInvoiceOut(serializers.Serializer[Any]):
    ref = serializers.CharField()
