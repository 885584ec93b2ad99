"""How accounts look at the API's door. Amounts are decimal text, positive on the account's normal side."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from finance.ledger import models
from marketplace.kernel.money import Money


@extend_schema_field(OpenApiTypes.STR)
class AmountField(serializers.Field[Any, Any, str, Any]):
    """Money as decimal text; the currency stands beside it."""

    def to_representation(self, value: Any) -> str:
        return str(value.amount)


class AccountSerializer(serializers.ModelSerializer[models.Account]):
    """One account: what is posted, and what is left of it after holds."""

    balance = serializers.SerializerMethodField()
    available = serializers.SerializerMethodField()

    class Meta:
        model = models.Account
        fields = ["id", "book", "kind", "owner", "currency", "normal", "balance", "available", "version", "opened_at"]
        read_only_fields = fields

    def get_balance(self, row: models.Account) -> str:
        return str(Money.from_minor(row.posted_minor, row.currency).amount)

    def get_available(self, row: models.Account) -> str:
        return str(Money.from_minor(row.available_minor, row.currency).amount)


class SpanSerializer(serializers.Serializer[Any]):
    """The days [since, until) of a statement; at most a year."""

    since = serializers.DateField()
    until = serializers.DateField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not 0 < (attrs["until"] - attrs["since"]).days <= 366:
            raise serializers.ValidationError("A statement runs over 1 to 366 days.")
        return attrs


class StatementLineSerializer(serializers.Serializer[Any]):
    journal_ref = serializers.CharField()
    booked_on = serializers.DateField()
    value_on = serializers.DateField()
    source_ref = serializers.CharField()
    memo = serializers.CharField()
    side = serializers.CharField()
    amount = AmountField()
    change = AmountField()
    balance = AmountField()


class StatementSerializer(serializers.Serializer[Any]):
    """Opening balance, every entry booked in between, closing balance."""

    since = serializers.DateField()
    until = serializers.DateField()
    currency = serializers.CharField(source="account.currency")
    opening = AmountField()
    lines = StatementLineSerializer(many=True)
    closing = AmountField()
