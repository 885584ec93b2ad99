"""The tables of pools and of what their members committed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.pools.rules import ALLOCATION_RULES, KINDS
from procurement.pools.states import COMMITMENT, JOINABLE, LIVE, POOL, PRICED, CommitmentState, PoolState


class Pool(Stateful):
    """Needs of one product, region and window, gathered.

    `joined` is the sum of the quantities of the live commitments; joining takes it by one conditional update, and a
    constraint stands beneath. `ordered` is the sum of what they were allocated, a whole number of packs when frozen.
    `tolerance_joined` is the sum of their tolerances. An empty region gathers all regions.

    kind            `bulk`, or `sample`: lots below a factory's minimum, for a service fee, so much a member at most
    fills_from      from then on it takes only changes that reduce its shortage; None: never
    fallbacks       what is tried, in this order, when the minimum is missed (see `rules.FALLBACKS`)
    extended        how often it was given more time; it is once at most
    smaller_pack    the pack that is tried when the usual one cannot be filled
    successor       the pool that took its members over
    """

    machine = POOL

    state = models.CharField(max_length=24, default=PoolState.OPEN.value)
    kind = models.CharField(max_length=8, default=KINDS[0])
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    region = models.CharField(max_length=80, blank=True)
    window_start = models.DateField()
    window_end = models.DateField()
    currency = models.CharField(max_length=3)
    unit = models.CharField(max_length=4)
    pack_size = ExactDecimalField(default=1)
    minimum = ExactDecimalField(default=0)
    capacity = ExactDecimalField(null=True)
    member_limit = ExactDecimalField(null=True)
    joined = ExactDecimalField(default=0)
    tolerance_joined = ExactDecimalField(default=0)
    ordered = ExactDecimalField(default=0)
    delivered = ExactDecimalField(default=0)
    deposit_percent = ExactDecimalField(default=0)
    fee_percent = ExactDecimalField(default=0)
    withdrawal_percent = ExactDecimalField(default=0)
    allocation_rule = models.CharField(max_length=24, default=ALLOCATION_RULES[0])
    as_agent = models.BooleanField(default=False)
    fills_from = models.DateTimeField(null=True)
    freeze_at = models.DateTimeField()
    fallbacks = models.JSONField(default=list, blank=True)
    extend_days = models.PositiveSmallIntegerField(default=0)
    extended = models.PositiveSmallIntegerField(default=0)
    smaller_pack = ExactDecimalField(null=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    indicative = models.JSONField(null=True)
    decision = models.JSONField(null=True)
    unit_price = ExactDecimalField(null=True)
    tender_ref = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            state_known(POOL, "pool_state_known"),
            models.CheckConstraint(condition=Q(window_start__lt=F("window_end")), name="pool_window_runs_forward"),
            models.CheckConstraint(condition=Q(pack_size__gt=0), name="pool_pack_positive"),
            at_least("minimum", 0, "pool_minimum_not_negative"),
            models.CheckConstraint(condition=Q(capacity__gt=0), name="pool_capacity_positive"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="pool_kind_known"),
            models.CheckConstraint(condition=Q(member_limit__gt=0), name="pool_member_limit_positive"),
            models.CheckConstraint(condition=Q(smaller_pack__gt=0), name="pool_smaller_pack_positive"),
            models.CheckConstraint(condition=Q(extended__lte=1), name="pool_extended_once"),
            models.CheckConstraint(
                condition=Q(withdrawal_percent__gte=0, withdrawal_percent__lte=100), name="pool_penalty_is_a_share"
            ),
            at_least("joined", 0, "pool_joined_not_negative"),
            at_least("tolerance_joined", 0, "pool_tolerance_not_negative"),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(joined__lte=F("capacity")), name="pool_never_beyond_capacity"
            ),
            at_least("ordered", 0, "pool_ordered_not_negative"),
            at_least("delivered", 0, "pool_delivered_not_negative"),
            models.CheckConstraint(condition=Q(delivered__lte=F("ordered")), name="pool_delivers_what_it_ordered"),
            models.CheckConstraint(
                condition=Q(deposit_percent__gte=0, deposit_percent__lte=100), name="pool_deposit_is_a_share"
            ),
            models.CheckConstraint(condition=Q(fee_percent__gte=0, fee_percent__lte=100), name="pool_fee_is_a_share"),
            models.CheckConstraint(condition=Q(allocation_rule__in=ALLOCATION_RULES), name="pool_rule_known"),
            at_least("unit_price", 0, "pool_price_not_negative"),
            models.CheckConstraint(
                condition=~Q(state__in=PRICED) | Q(unit_price__isnull=False),
                name="pool_awarded_has_price",
            ),
            models.UniqueConstraint(
                fields=["kind", "product", "region", "window_start", "window_end", "currency", "unit"],
                condition=Q(state__in=JOINABLE),
                name="pool_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "freeze_at"], name="pool_due"),
            models.Index(fields=["product", "currency", "-id"], name="pool_of_product"),
        ]


class PoolHub(models.Model):
    """One of the places at which a pool of several regions gathers goods; a join names its hub."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="hubs")
    name = models.CharField(max_length=80)
    region = models.CharField(max_length=80)
    address = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pool", "name"], name="pool_hub_once")]

    def __str__(self) -> str:
        return self.name


class Commitment(Stateful):
    """One row of what a buyer wants of a pool, for one line of its request or joined by hand.

    The rows of a buyer that share their line (or its absence) are one want: a raise adds a row with the increase alone,
    each level of a demand curve is a row with its own ceiling, and rows, not members, compete. `entry` counts them.

    `joined_at` is the moment that counts for first come (of a line: when the line was entered). `reasons` explains what
    was allocated, held and delivered: a list of {"code": ..., facts}; `dropped_for` is the code of why it was let go.
    `offered_at` is since when its buyer, bound, looks for another one to take its place. `priority` counts under the
    rule of that name alone: the higher goes first.
    """

    machine = COMMITMENT

    state = models.CharField(max_length=24, default=CommitmentState.RESERVED.value)
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="commitments")
    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey("demand.RequestLine", on_delete=models.PROTECT, related_name="+", null=True)
    entry = models.PositiveIntegerField(default=0)
    priority = models.SmallIntegerField(default=0)
    hub = models.ForeignKey(PoolHub, on_delete=models.PROTECT, related_name="+", null=True)
    region = models.CharField(max_length=80, blank=True)
    substitutes_allowed = models.BooleanField(default=False)
    quantity = ExactDecimalField()
    tolerance = ExactDecimalField(default=0)
    ceiling = ExactDecimalField(null=True)
    stated_price = ExactDecimalField(null=True)
    allocated = ExactDecimalField(default=0)
    delivered = ExactDecimalField(default=0)
    currency = models.CharField(max_length=3)
    deposit_minor = MoneyMinorField(default=0)
    joined_at = models.DateTimeField()
    joined_by = models.CharField(max_length=80)
    offered_at = models.DateTimeField(null=True)
    dropped_for = models.CharField(max_length=60, blank=True)
    reasons = models.JSONField(default=list)

    class Meta:
        constraints = [
            state_known(COMMITMENT, "commitment_state_known"),
            at_least("quantity", 0, "commitment_quantity_not_negative"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0) | Q(tolerance__gt=0), name="commitment_asks_for_something"
            ),
            at_least("tolerance", 0, "commitment_tolerance_not_negative"),
            at_least("ceiling", 0, "commitment_ceiling_not_negative"),
            at_least("stated_price", 0, "commitment_stated_price_not_negative"),
            at_least("allocated", 0, "commitment_allocated_not_negative"),
            models.CheckConstraint(
                condition=Q(allocated__lte=F("quantity") + F("tolerance")), name="commitment_within_what_was_asked"
            ),
            at_least("delivered", 0, "commitment_delivered_not_negative"),
            models.CheckConstraint(condition=Q(delivered__lte=F("allocated")), name="commitment_delivers_allocated"),
            at_least("deposit_minor", 0, "commitment_deposit_not_negative"),
            models.CheckConstraint(
                condition=~Q(state=CommitmentState.DROPPED.value) | ~Q(dropped_for=""),
                name="commitment_dropped_says_why",
            ),
            models.UniqueConstraint(
                fields=["pool", "buyer", "entry"],
                condition=Q(state__in=LIVE, line__isnull=True),
                name="commitment_own_once",
            ),
            models.UniqueConstraint(
                fields=["line", "entry"], condition=Q(state__in=LIVE, line__isnull=False), name="commitment_line_once"
            ),
        ]
        indexes = [
            models.Index(fields=["pool", "joined_at", "id"], name="commitment_first_come"),
            models.Index(fields=["buyer", "-id"], name="commitment_of_buyer"),
        ]


class CommitmentChange(models.Model):
    """A buyer changed what it wants of a pool: from what to what, when, by whom. Append-only.

    Quantities are sums over the rows of the want. What was pooled from demand in bulk begins with its rows alone.
    """

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="changes")
    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey("demand.RequestLine", on_delete=models.PROTECT, related_name="+", null=True)
    what = models.CharField(max_length=12)
    from_quantity = ExactDecimalField()
    to_quantity = ExactDecimalField()
    from_tolerance = ExactDecimalField()
    to_tolerance = ExactDecimalField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            at_least(column, 0, f"commitment_change_{column}_not_negative")
            for column in ("from_quantity", "to_quantity", "from_tolerance", "to_tolerance")
        ]
        indexes = [models.Index(fields=["pool", "buyer", "id"], name="commitment_change_of_buyer")]

    def __str__(self) -> str:
        return f"{self.what}: {self.from_quantity} -> {self.to_quantity}"
