"""Savings over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers, viewsets

from marketplace.foundation.api import Feed, actor_of
from procurement.insights import queries


class SavingOut(serializers.Serializer[Any]):
    """One saving against one baseline, with the refs, days and figures that prove it."""

    pool = serializers.CharField(source="pool.ref")
    product = serializers.CharField(source="pool.product.code")
    baseline = serializers.CharField()
    evidence = serializers.CharField()
    facts = serializers.DictField()
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


class SplitOut(serializers.Serializer[Any]):
    """One rule: our share, and the group of members that pays most beyond its own cost; no other member's share."""

    rule = serializers.CharField()
    share_minor = serializers.IntegerField(source="share.minor")
    better_off_minor = serializers.IntegerField(source="better_off.minor")
    others_minor = serializers.IntegerField(source="others.minor")
    worst_members = serializers.IntegerField(source="worst")
    worst_excess_minor = serializers.IntegerField(source="excess.minor", default=None, allow_null=True)
    we_are_within = serializers.BooleanField(source="within")
    in_core = serializers.BooleanField()
    only_rounding = serializers.BooleanField()


class NotOfferedOut(serializers.Serializer[Any]):
    """A rule that was not computed for this pool, and why."""

    rule = serializers.CharField()
    code = serializers.CharField()


class JointOut(serializers.Serializer[Any]):
    """A pool's joint saving as one member sees it."""

    pool = serializers.CharField(source="pool_ref")
    published_as = serializers.CharField(source="source")
    steps = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    members = serializers.IntegerField()
    quantity = serializers.CharField()
    own_quantity = serializers.CharField()
    currency = serializers.CharField(source="together.currency")
    all_alone_minor = serializers.IntegerField(source="all_alone.minor")
    together_minor = serializers.IntegerField(source="together.minor")
    saved_minor = serializers.IntegerField(source="saved.minor")
    alone_minor = serializers.IntegerField(source="alone.minor")
    splits = SplitOut(many=True)
    not_offered = NotOfferedOut(many=True)
    brings_more_than_it_gains = serializers.BooleanField(source="brings_more")


class JointPartOut(serializers.Serializer[Any]):
    """One member's part; staff see whose it is."""

    buyer = serializers.CharField(source="buyer.ref")
    joint = serializers.SerializerMethodField()

    @extend_schema_field(JointOut)
    def get_joint(self, row: Any) -> Any:
        return JointOut(queries.joint_view(row)).data


class JointSavings(mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """How the joint savings of the actor's pools split by each rule: its own share, the others without names."""

    serializer_class = JointPartOut
    pagination_class = Feed
    filterset_fields = {"joint__pool__ref": ["exact"]}

    def get_queryset(self) -> Any:
        return queries.joint_savings_for(actor_of(self.request))
