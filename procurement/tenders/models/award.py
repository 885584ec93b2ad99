"""What was awarded, and every round that led to it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.tenders.models.offer import OpenedBid
from procurement.tenders.models.tender import Lot, LotPool, Tender
from procurement.tenders.states import OVERRIDE, OverrideState


class AwardOverride(Stateful):
    """A wish to award against the engine: one person asks with a reason, another decides.

    `wishes` says who may not win, and which suppliers alone may win a lot. `total_minor` is what that award counts as,
    `best_minor` what the best award of the same demand does, `cost_minor` the difference that whoever decides is told.
    It was asked for the tender as it stood at `asked_revision`, and for bids and members whose digest is `case_sha256`.
    """

    machine = OVERRIDE

    state = models.CharField(max_length=24, default=OverrideState.ASKED.value)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="overrides")
    wishes = models.JSONField()
    why = models.TextField()
    total_minor = MoneyMinorField()
    best_minor = MoneyMinorField()
    cost_minor = MoneyMinorField()
    proposal = models.JSONField(default=list)
    case_sha256 = models.CharField(max_length=64)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    asked_revision = models.PositiveIntegerField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_known(OVERRIDE, "award_override_state_known"),
            models.UniqueConstraint(
                fields=["tender"], condition=Q(state=OverrideState.ASKED.value), name="award_override_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=F("asked_by")), name="award_override_by_another"
            ),
            models.CheckConstraint(condition=~Q(why=""), name="award_override_has_reason"),
            at_least("cost_minor", 0, "award_override_cost_not_negative"),
            at_least("total_minor", 0, "award_override_total_not_negative"),
            at_least("best_minor", 0, "award_override_best_not_negative"),
        ]


class StandingAwards(models.Manager["Award"]):
    """The awards that stand: what was set aside after a complaint is kept, and looked for by `Award.every` alone."""

    def get_queryset(self) -> models.QuerySet[Award]:
        return super().get_queryset().filter(set_aside_at__isnull=True)


class Award(models.Model):
    """The award of a tender: the last round's solution, checked by the independent checker.

    `total_minor` is goods and freight of the lines, each rounded half up once; `score_minor` what they count as where
    merit counts beside the price, empty where it does not. `bound_minor` says below what no award of the same demand
    costs, or counts as (rounded down), `proved` that the two meet. `rejected` holds, for each losing offer, why and by
    how much; `constraint_prices` what each limit of the rules costs. An award against the engine names its `override`.
    An award that a complaint set aside is kept; at most one of a tender stands.
    """

    ref = models.CharField(max_length=40, unique=True)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="awards")
    currency = models.CharField(max_length=3)
    rounds = models.PositiveIntegerField()
    total_minor = MoneyMinorField()
    bound_minor = MoneyMinorField()
    proved = models.BooleanField()
    checked = models.BooleanField()
    rejected = models.JSONField(default=list)
    score_minor = MoneyMinorField(null=True)
    constraint_prices = models.JSONField(null=True)
    override = models.OneToOneField("AwardOverride", on_delete=models.PROTECT, related_name="award", null=True)
    awarded_by = models.CharField(max_length=80)
    awarded_at = models.DateTimeField()
    set_aside_at = models.DateTimeField(null=True)
    set_aside_why = models.TextField(blank=True)

    objects = StandingAwards()
    every: models.Manager[Award] = models.Manager()

    lost: list[dict[str, Any]]  # why one bidder's own offers lost, where a query fills it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tender"], condition=Q(set_aside_at__isnull=True), name="award_one_stands"),
            models.CheckConstraint(condition=Q(checked=True), name="award_stands_only_checked"),
            at_least("total_minor", 0, "award_total_not_negative"),
            at_least("bound_minor", 0, "award_bound_not_negative"),
            at_least("score_minor", 0, "award_score_not_negative"),
            models.CheckConstraint(condition=Q(rounds__gte=1), name="award_has_rounds"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} of {self.tender_id}"


class AwardRound(models.Model):
    """One decision on one group of lots: the problem as its bytes, the decision, who dropped out after it or
    was cut to less, and why.

    Lots that share nothing that binds (capacity, a limit on winners) are decided in groups of their own. So many of the
    problem's units of money as `money_scale` says make one of the currency.
    """

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="decisions")
    part = models.PositiveIntegerField()
    round = models.PositiveIntegerField()
    problem = models.TextField()
    money_scale = models.PositiveBigIntegerField(null=True)
    problem_sha256 = models.CharField(max_length=64)
    decision = models.JSONField()
    dropped = models.JSONField(default=dict)
    cut = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["award", "part", "round"], name="award_round_once")]

    def __str__(self) -> str:
        return f"{self.award_id} part {self.part} round {self.round}"


class AwardLine(models.Model):
    """What one supplier delivers of one lot to one region's pool, at its price of goods and of freight a unit."""

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="lines")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+")
    lot_pool = models.ForeignKey(LotPool, on_delete=models.PROTECT, related_name="+")
    opened_bid = models.ForeignKey(OpenedBid, on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    supplier_ref = models.CharField(max_length=40)
    region = models.CharField(max_length=80)
    quantity = ExactDecimalField()
    unit_price = ExactDecimalField()
    freight = ExactDecimalField(default=0)
    why = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["award", "lot_pool", "supplier"], name="award_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="award_line_quantity_positive"),
            at_least("unit_price", 0, "award_line_price_not_negative"),
            at_least("freight", 0, "award_line_freight_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_ref} delivers {self.quantity} to {self.region}"
