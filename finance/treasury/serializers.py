"""How payment orders look at the API's door."""

from __future__ import annotations

from rest_framework import serializers

from finance.treasury import models


class PaymentOrderSerializer(serializers.ModelSerializer[models.PaymentOrder]):
    """One payment, to or from the reader's organisation; `problem` says why it waits."""

    counterparty = serializers.CharField(source="counterparty.ref")
    amount = serializers.SerializerMethodField()

    class Meta:
        model = models.PaymentOrder
        fields = [
            "ref",
            "state",
            "direction",
            "counterparty",
            "amount",
            "currency",
            "purpose",
            "source_ref",
            "problem",
            "reason",
            "bank_reference",
            "created_at",
            "sent_at",
            "ended_at",
        ]
        read_only_fields = fields

    def get_amount(self, row: models.PaymentOrder) -> str:
        return str(row.amount.amount)
