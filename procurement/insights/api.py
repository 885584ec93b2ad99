"""Savings over the API."""

from __future__ import annotations

from typing import Any

from rest_framework import mixins, serializers, viewsets

from marketplace.foundation.api import Feed, actor_of
from procurement.insights import queries


class SavingOut(serializers.Serializer[Any]):
    """One saving against one baseline."""

    pool = serializers.CharField(source="pool.ref")
    product = serializers.CharField(source="pool.product.code")
    baseline = serializers.CharField()
    evidence = serializers.CharField()
    headline = serializers.BooleanField()
    quantity = serializers.DecimalField(max_digits=19, decimal_places=6)
    currency = serializers.CharField()
    baseline_price = serializers.DecimalField(max_digits=19, decimal_places=6)
    paid_minor = serializers.IntegerField()
    saved_minor = serializers.IntegerField()
    proved_at = serializers.DateTimeField()


class Savings(mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """What the actor's organisation saved, with the evidence."""

    serializer_class = SavingOut
    pagination_class = Feed
    filterset_fields = {"baseline": ["exact"], "headline": ["exact"], "pool__ref": ["exact"]}

    def get_queryset(self) -> Any:
        return queries.savings_for(actor_of(self.request))
