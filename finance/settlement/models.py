"""The tables of settlement."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from finance.settlement.rules import KINDS, OBLIGATION_KINDS, ORDER
from finance.settlement.states import OBLIGATION, RESTING, RUN, STEP, ObligationState, RunState, StepState
from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, at_least, state_known


class SettlementRun(Stateful):
    """One business date of one job: the steps that settle what was due by then."""

    machine = RUN

    state = models.CharField(max_length=24, default=RunState.OPEN.value)
    job = models.CharField(max_length=24)
    business_date = models.DateField()
    planned_by = models.CharField(max_length=80)
    planned_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_known(RUN, "settlement_run_state_known"),
            models.UniqueConstraint(fields=["job", "business_date"], name="settlement_run_once_a_date"),
        ]


class SettlementStep(Stateful):
    """One keyed piece of a run: all that one counterparty and currency have due, or one drawdown's night.

    `lease_until` keeps others off while a worker is at it; `due_at` is when the sweep rings next. What it pays is known
    once it is posted; `payment_ref` names the payment order, a new one for each attempt after a rejection.
    """

    machine = STEP

    state = models.CharField(max_length=24, default=StepState.PLANNED.value)
    run = models.ForeignKey(SettlementRun, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=12)
    object_ref = models.CharField(max_length=40)
    counterparty = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    currency = models.CharField(max_length=3, blank=True)
    direction = models.CharField(max_length=3, blank=True)
    account = models.CharField(max_length=40, blank=True)
    amount_minor = MoneyMinorField(default=0)
    set_off_minor = MoneyMinorField(default=0)
    attempt = models.PositiveSmallIntegerField(default=1)
    payment_ref = models.CharField(max_length=40, blank=True)
    worker = models.CharField(max_length=80, blank=True)
    token = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            state_known(STEP, "settlement_step_state_known"),
            models.UniqueConstraint(fields=["run", "position"], name="settlement_step_position_once"),
            models.CheckConstraint(condition=Q(kind__in=ORDER), name="settlement_step_kind_known"),
            models.CheckConstraint(
                condition=Q(direction__in=["", "in", "out"]), name="settlement_step_direction_known"
            ),
            at_least("amount_minor", 0, "settlement_step_amount_not_negative"),
            at_least("set_off_minor", 0, "settlement_step_set_off_not_negative"),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(amount_minor=0) | ~Q(payment_ref=""),
                name="settlement_step_confirmed_has_payment",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=~Q(state__in=RESTING), name="settlement_step_waiting"),
            models.Index(fields=["payment_ref"], name="settlement_step_payment"),
        ]


class RetentionTerms(models.Model):
    """So much of each invoice about a source (`order:PO-2026-0001`) is kept until so many days after it matched."""

    source_ref = models.CharField(max_length=80, unique=True)
    percent = ExactDecimalField()
    days = models.PositiveIntegerField()
    agreed_by = models.CharField(max_length=80)
    agreed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "retention terms"
        constraints = [
            models.CheckConstraint(condition=Q(percent__gt=0, percent__lte=30), name="retention_percent_is_a_share"),
            at_least("days", 1, "retention_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.source_ref}: {self.percent} %"


class Obligation(Stateful):
    """Something due on a date, to us or from us; settled by one step, once."""

    machine = OBLIGATION

    state = models.CharField(max_length=24, default=ObligationState.DUE.value)
    kind = models.CharField(max_length=12)
    counterparty = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount_minor = MoneyMinorField()
    due_on = models.DateField()
    source_ref = models.CharField(max_length=80)
    step = models.ForeignKey(SettlementStep, on_delete=models.PROTECT, null=True, related_name="obligations")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            state_known(OBLIGATION, "obligation_state_known"),
            models.UniqueConstraint(fields=["kind", "source_ref"], name="obligation_once_a_source"),
            models.CheckConstraint(condition=Q(kind__in=OBLIGATION_KINDS), name="obligation_kind_known"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="obligation_amount_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["due", "cancelled"]) | Q(step__isnull=False),
                name="obligation_under_way_has_step",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(state="due"), name="obligation_waiting"),
            models.Index(fields=["counterparty", "-id"], name="obligation_of"),
        ]

    @property
    def direction(self) -> str:
        """`in` when the counterparty owes us, `out` when we owe it."""
        return KINDS[self.kind].direction
