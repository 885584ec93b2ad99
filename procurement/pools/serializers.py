"""How pools and commitments are written for, and read from, the API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from procurement.pools import rules
from procurement.pools.states import BINDING, JOINABLE, CommitmentState


def explain(reason: Mapping[str, Any]) -> str:
    """Return a kept reason as a sentence in the reader's language; a code nobody worded stands for itself."""
    words = rules.WORDS.get(reason["code"], reason["code"])
    return gettext(words).format_map(defaultdict(lambda: "?", rules.readable(reason)))


def exact(**more: Any) -> serializers.DecimalField:
    """Return the field of a quantity, rate or percentage: a decimal of six places, as text."""
    return serializers.DecimalField(max_digits=19, decimal_places=6, normalize_output=True, **more)


class ProductCard(serializers.Serializer[Any]):
    ref = serializers.CharField()
    code = serializers.CharField()
    name_en = serializers.CharField()
    name_zh = serializers.CharField()


class PoolOut(serializers.Serializer[Any]):
    """A pool as anyone who may see it sees it: sums, never names."""

    ref = serializers.CharField()
    state = serializers.CharField()
    verbs = serializers.SerializerMethodField()
    product = ProductCard()
    region = serializers.CharField()
    window = serializers.SerializerMethodField()
    window_start = serializers.DateField()
    window_end = serializers.DateField()
    currency = serializers.CharField()
    unit = serializers.CharField()
    pack_size = exact()
    minimum = exact()
    capacity = exact(allow_null=True)
    joined = exact()
    ordered = exact()
    delivered = exact()
    deposit_percent = exact()
    fee_percent = exact()
    allocation_rule = serializers.CharField()
    rule_words = serializers.SerializerMethodField()
    kind = serializers.CharField()
    member_limit = exact(allow_null=True)
    tolerance_joined = exact()
    withdrawal_percent = exact()
    fallbacks = serializers.ListField(child=serializers.CharField())
    fills_from = serializers.DateTimeField(allow_null=True)
    as_agent = serializers.BooleanField()
    freeze_at = serializers.DateTimeField()
    unit_price = exact(allow_null=True)

    def get_verbs(self, pool: Any) -> list[str]:
        actor, at = self.context["actor"], self.context["at"]
        joinable = pool.state in JOINABLE and pool.freeze_at > at
        return rules.verbs_of_pool(pool.verbs, joinable, "buyer" in actor.roles, actor.staff)

    def get_rule_words(self, pool: Any) -> str:
        return gettext(rules.RULE_MEANINGS[pool.allocation_rule])

    def get_window(self, pool: Any) -> str:
        return rules.window_text(pool.window_start, pool.window_end)


class StepOut(serializers.Serializer[Any]):
    from_quantity = exact()
    unit_price = exact(source="unit_price.amount")


class IndicativeOut(serializers.Serializer[Any]):
    """Price steps that promise nothing, and where they come from."""

    source = serializers.CharField()  # type: ignore[assignment]
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    steps = StepOut(many=True)

    def get_label(self, indicative: rules.Indicative) -> str:
        return gettext(indicative.label)


class LiveOut(serializers.Serializer[Any]):
    """What is gathered now, and what is missing to each next thing."""

    joined = exact()
    members = serializers.IntegerField()
    goal = exact(allow_null=True)
    fill_percent = exact(allow_null=True)
    remaining = exact(allow_null=True)
    packs = serializers.IntegerField()
    missing_to_pack = exact()
    missing_to_minimum = exact()
    present_step = StepOut(allow_null=True)
    next_step = StepOut(allow_null=True)
    missing_to_step = exact(allow_null=True)
    days_left = serializers.IntegerField()
    indicative = IndicativeOut()


class CommitmentOut(serializers.Serializer[Any]):
    """A commitment as its own buyer sees it."""

    ref = serializers.CharField()
    pool = serializers.CharField(source="pool.ref")
    state = serializers.CharField()
    verbs = serializers.SerializerMethodField()
    quantity = exact()
    tolerance = exact()
    ceiling = exact(allow_null=True)
    entry = serializers.IntegerField()
    priority = serializers.IntegerField()
    line_id = serializers.IntegerField(allow_null=True)
    hub = serializers.CharField(source="hub.name", default=None, allow_null=True)
    offered_at = serializers.DateTimeField(allow_null=True)
    allocated = exact()
    delivered = exact()
    unit = serializers.CharField(source="pool.unit")
    currency = serializers.CharField()
    deposit_minor = serializers.IntegerField()
    region = serializers.CharField()
    joined_at = serializers.DateTimeField()
    why = serializers.SerializerMethodField()

    def get_verbs(self, commitment: Any) -> list[str]:
        at: datetime = self.context["at"]
        pool = commitment.pool
        if pool.state in JOINABLE and pool.freeze_at > at and commitment.state == CommitmentState.RESERVED:
            return ["change", "raise", "lower", "leave"]
        return ["withdraw", "offer"] if pool.state in BINDING and commitment.state == CommitmentState.BOUND else []

    def get_why(self, commitment: Any) -> list[dict[str, Any]]:
        return [{**reason, "words": explain(reason)} for reason in commitment.reasons]


class ClearingStepOut(serializers.Serializer[Any]):
    """A price step, and how much is wanted landed at its price; `missing` null: it can never be reached."""

    from_quantity = exact(source="tier.start")
    unit_price = exact(source="tier.price")
    demand = exact()
    missing = exact(allow_null=True)
    reached = serializers.BooleanField()


class ClearingNextOut(serializers.Serializer[Any]):
    """So much more, and everybody pays so many per cent less; null before any step is reached."""

    from_quantity = exact(source="tier.start")
    unit_price = exact(source="tier.price")
    missing = exact()
    percent_less = exact(source="percent", allow_null=True)


class ClearingOut(serializers.Serializer[Any]):
    """What is wanted against the indicative steps: it promises nothing (docs/algorithms/clearing.md)."""

    source = serializers.CharField(source="supplier")  # type: ignore[assignment]
    unit_price = exact(source="tier.price", allow_null=True, default=None)
    demand = exact()
    steps = ClearingStepOut(source="tried", many=True)
    next = ClearingNextOut(source="next_step", allow_null=True)


class PreviewShareOut(serializers.Serializer[Any]):
    """What one of the asker's own commitments would get, and why."""

    ref = serializers.CharField()
    quantity = exact()
    why = serializers.SerializerMethodField()

    def get_why(self, share: Any) -> dict[str, Any]:
        reason = share.why.to_json()
        return {**reason, "words": explain(reason)}


class PreviewPlanOut(serializers.Serializer[Any]):
    """How much would be ordered or come, and what the asker's own commitments would get of it."""

    quantity = exact(source="ordered")
    mine = serializers.SerializerMethodField()

    @extend_schema_field(PreviewShareOut(many=True))
    def get_mine(self, plan: rules.Plan) -> Any:
        own = self.context["own"]
        return PreviewShareOut([share for ref, share in plan.shares.items() if ref in own], many=True).data


class PoolPreviewOut(serializers.Serializer[Any]):
    """Who gets what if the pool froze now, and if of that only `percent` came; deposits are left aside."""

    rule = serializers.CharField(source="now.rule")
    meaning = serializers.SerializerMethodField()
    now = PreviewPlanOut()
    percent = exact()
    fewer = PreviewPlanOut()

    def get_meaning(self, previews: Any) -> str:
        return gettext(rules.RULE_MEANINGS[previews.now.rule])


class HubField(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    region = serializers.CharField(max_length=80)
    address = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class PoolDetail(PoolOut):
    """A pool with its live figures, what they come to, its hubs, and the asker's own commitments in it."""

    hubs = HubField(many=True)
    live = LiveOut()
    mine = CommitmentOut(many=True)
    clearing = ClearingOut(allow_null=True)
    preview = PoolPreviewOut(allow_null=True)


class LevelIn(serializers.Serializer[Any]):
    """So much is wanted in all when a unit costs `price` or less."""

    price = exact()
    quantity = exact()


class JoinIn(serializers.Serializer[Any]):
    """A quantity with its ceiling; or a demand curve, dearest level first."""

    quantity = exact(required=False, allow_null=True, default=None)
    tolerance = exact(default=Decimal(0))
    ceiling = exact(required=False, allow_null=True, default=None)
    curve = LevelIn(many=True, required=False)
    hub = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    substitutes_allowed = serializers.BooleanField(required=False, default=False)
    line_id = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1)


class ChangeIn(serializers.Serializer[Any]):
    """How much is wanted in all from now on; a new row, if there is any, has this ceiling."""

    quantity = exact()
    tolerance = exact(required=False, allow_null=True, default=None)
    ceiling = exact(required=False, allow_null=True, default=None)


class MoreIn(serializers.Serializer[Any]):
    """How much more is wanted, in a row of its own."""

    quantity = exact(default=Decimal(0))
    tolerance = exact(default=Decimal(0))
    ceiling = exact(required=False, allow_null=True, default=None)


class LessIn(serializers.Serializer[Any]):
    """How much less is wanted."""

    quantity = exact(default=Decimal(0))
    tolerance = exact(default=Decimal(0))


class PriorityIn(serializers.Serializer[Any]):
    """Who goes first where the pool shares by priority: the higher."""

    priority = serializers.IntegerField(min_value=-1_000, max_value=1_000)
    why = serializers.CharField(max_length=250)


class TakeOverIn(serializers.Serializer[Any]):
    """Whose place is taken: a commitment of the pool that its buyer offers."""

    commitment = serializers.CharField(source="commitment_ref", max_length=40)


class PreviewIn(serializers.Serializer[Any]):
    available = exact(required=False, allow_null=True, default=None, min_value=Decimal(0))


class OfferedOut(serializers.Serializer[Any]):
    """A place that is offered: how much, and what deposit takes it; never whose it is."""

    ref = serializers.CharField()
    allocated = exact()
    ceiling = exact(allow_null=True)
    deposit_minor = serializers.IntegerField()
    currency = serializers.CharField()
    offered_at = serializers.DateTimeField()


class OwnShareOut(serializers.Serializer[Any]):
    """What one of the asker's own rows would get, and why."""

    commitment = serializers.CharField()
    quantity = exact()
    why = serializers.DictField()
    words = serializers.CharField()


class PreviewOut(serializers.Serializer[Any]):
    """What the pool would order if it froze now, and what the asker would get of it by the pool's rule."""

    ordered = exact()
    rule = serializers.CharField()
    why = serializers.DictField()
    words = serializers.CharField()
    shares = OwnShareOut(many=True)


class HistoryOut(serializers.Serializer[Any]):
    """One change of what the asker's organisation wants of a pool."""

    what = serializers.CharField()
    from_quantity = exact()
    to_quantity = exact()
    from_tolerance = exact()
    to_tolerance = exact()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    why = serializers.CharField()


class OpenIn(serializers.Serializer[Any]):
    product_ref = serializers.CharField(max_length=40)
    region = serializers.CharField(max_length=80, allow_blank=True, default="")
    window_start = serializers.DateField()
    window_end = serializers.DateField()
    freeze_at = serializers.DateTimeField()
    currency = serializers.CharField(max_length=3, default="CNY")
    kind = serializers.ChoiceField(choices=list(rules.KINDS), default=rules.BULK)
    minimum = exact(required=False, allow_null=True, default=None)
    capacity = exact(required=False, allow_null=True, default=None)
    member_limit = exact(required=False, allow_null=True, default=None)
    allocation_rule = serializers.ChoiceField(choices=list(rules.ALLOCATION_RULES), allow_null=True, default=None)
    fallbacks = serializers.ListField(
        child=serializers.ChoiceField(choices=list(rules.FALLBACKS)), required=False, allow_null=True, default=None
    )
    hubs = HubField(many=True, required=False)
