"""How invoices look at the API's door."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from finance.invoicing import models


class SupplierInvoiceLineSerializer(serializers.ModelSerializer[models.SupplierInvoiceLine]):
    quantity = serializers.DecimalField(max_digits=19, decimal_places=6)
    unit_price = serializers.DecimalField(max_digits=19, decimal_places=6)
    tax_rate_percent = serializers.DecimalField(max_digits=19, decimal_places=6)

    class Meta:
        model = models.SupplierInvoiceLine
        fields = ["position", "line_ref", "description", "quantity", "unit_price", "net_minor", "tax_rate_percent"]
        read_only_fields = fields


class ReasonSerializer(serializers.Serializer[Any]):
    """Why an invoice is held: a stable code, the line, and the numbers."""

    code = serializers.CharField()
    line = serializers.CharField()
    facts = serializers.DictField(child=serializers.CharField())


class SupplierInvoiceSerializer(serializers.ModelSerializer[models.SupplierInvoice]):
    """A supplier's invoice to us, with what stands against it while it is held."""

    supplier = serializers.CharField(source="supplier.ref")
    verbs = serializers.ListField(child=serializers.CharField(), read_only=True)
    reasons = serializers.SerializerMethodField()
    lines = SupplierInvoiceLineSerializer(many=True)

    class Meta:
        model = models.SupplierInvoice
        fields = [
            "ref",
            "state",
            "revision",
            "verbs",
            "supplier",
            "number",
            "source_ref",
            "currency",
            "net_minor",
            "tax_minor",
            "total_minor",
            "issued_on",
            "due_on",
            "paid_on",
            "reasons",
            "lines",
        ]
        read_only_fields = fields

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, row: models.SupplierInvoice) -> list[Any]:
        return list(row.match.get("reasons", []))


class InvoiceLineSerializer(serializers.ModelSerializer[models.OutputInvoiceLine]):
    quantity = serializers.DecimalField(max_digits=19, decimal_places=6)
    tax_rate_percent = serializers.DecimalField(max_digits=19, decimal_places=6)

    class Meta:
        model = models.OutputInvoiceLine
        fields = [
            "position",
            "line_ref",
            "kind",
            "description",
            "quantity",
            "unit",
            "net_minor",
            "tax_rate_percent",
            "tax_minor",
        ]
        read_only_fields = fields


class InvoiceSerializer(serializers.ModelSerializer[models.OutputInvoice]):
    """Our invoice to a buyer; what the goods cost us stays with us."""

    number = serializers.CharField(source="printed_number")
    buyer = serializers.CharField(source="buyer.ref")
    lines = InvoiceLineSerializer(many=True)

    class Meta:
        model = models.OutputInvoice
        fields = [
            "ref",
            "state",
            "revision",
            "number",
            "buyer",
            "source_ref",
            "currency",
            "net_minor",
            "tax_minor",
            "total_minor",
            "advance_minor",
            "open_minor",
            "issued_on",
            "due_on",
            "paid_on",
            "lines",
        ]
        read_only_fields = fields
