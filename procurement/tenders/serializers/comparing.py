"""How opened offers, wishes to award against the engine and what limits cost are written for the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from procurement.tenders import rules
from procurement.tenders.serializers.tenders import exact


class ComparedOfferOut(serializers.Serializer[Any]):
    """One offer for a lot: what it comes to a unit at what it won, else at what is wanted; best first."""

    supplier_ref = serializers.CharField()
    supplier = serializers.CharField(source="supplier_name")
    rank = serializers.IntegerField(help_text="0: not ranked, since it is incomplete")
    quantity = serializers.SerializerMethodField()
    goods = serializers.SerializerMethodField()
    freight = serializers.SerializerMethodField()
    landed = serializers.SerializerMethodField()
    coefficient = serializers.SerializerMethodField()
    counts_as = serializers.SerializerMethodField()
    total = serializers.SerializerMethodField()
    complete = serializers.BooleanField()
    lead_days = serializers.IntegerField(allow_null=True)
    won = exact()
    flags = serializers.ListField(child=serializers.CharField())

    def _of(self, offer: Any, name: str) -> str | None:
        value = getattr(offer.price, name) if offer.price else None
        return None if value is None else str(value)

    def get_quantity(self, offer: Any) -> str | None:
        return self._of(offer, "quantity")

    def get_goods(self, offer: Any) -> str | None:
        return self._of(offer, "goods")

    def get_freight(self, offer: Any) -> str | None:
        return self._of(offer, "freight")

    def get_landed(self, offer: Any) -> str | None:
        return self._of(offer, "landed")

    def get_coefficient(self, offer: Any) -> str | None:
        return self._of(offer, "coefficient")

    def get_counts_as(self, offer: Any) -> str | None:
        return self._of(offer, "weighted")

    def get_total(self, offer: Any) -> str | None:
        return None if offer.total is None else str(offer.total.amount)


class ComparedLotOut(serializers.Serializer[Any]):
    lot = serializers.CharField(source="lot.ref")
    description = serializers.CharField(source="lot.description")
    unit = serializers.CharField(source="lot.unit")
    wanted = exact(allow_null=True)
    variation = serializers.FloatField(source="spread.variation", allow_null=True, default=None)
    distance = serializers.FloatField(source="spread.distance", allow_null=True, default=None)
    offers = ComparedOfferOut(many=True)


class FlagOut(serializers.Serializer[Any]):
    """A second look: it blocks nothing."""

    kind = serializers.CharField()
    suppliers = serializers.ListField(source="refs", child=serializers.CharField())
    lot = serializers.CharField(source="lot.ref", allow_null=True, default=None)
    figures = serializers.JSONField()
    asked_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField()


class ComparisonOut(serializers.Serializer[Any]):
    tender = serializers.CharField(source="tender.ref")
    currency = serializers.CharField(source="tender.currency")
    lots = ComparedLotOut(many=True)
    flags = FlagOut(many=True)


class OverrideIn(serializers.Serializer[Any]):
    """Who may not win anything, which suppliers alone may win a lot, and why."""

    without = serializers.ListField(child=serializers.CharField(max_length=40), required=False, default=list)
    only = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=40)), required=False, default=dict
    )
    why = serializers.CharField(max_length=2000)


class OverrideOut(serializers.Serializer[Any]):
    """A wish to award against the engine, with what it costs more than the best award of the same demand."""

    ref = serializers.CharField()
    state = serializers.CharField()
    tender = serializers.CharField(source="tender.ref")
    currency = serializers.CharField(source="tender.currency")
    wishes = serializers.JSONField()
    why = serializers.CharField()
    counts_as = serializers.SerializerMethodField()
    best = serializers.SerializerMethodField()
    costs_more = serializers.SerializerMethodField()
    proposal = serializers.JSONField()
    asked_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    decided_by = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)

    def get_counts_as(self, wish: Any) -> str:
        return rules.amount(wish.total_minor, wish.tender.currency)

    def get_best(self, wish: Any) -> str:
        return rules.amount(wish.best_minor, wish.tender.currency)

    def get_costs_more(self, wish: Any) -> str:
        return rules.amount(wish.cost_minor, wish.tender.currency)


class LimitPriceOut(serializers.Serializer[Any]):
    """What an award would cost less without one limit; `settled`: both are known to be the least."""

    limit = serializers.CharField()
    about = serializers.CharField()
    saves = serializers.CharField()
    settled = serializers.BooleanField()
