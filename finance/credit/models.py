"""The tables of credit."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from finance.credit.rules import DAY_COUNTS, PRODUCTS
from finance.credit.states import DRAWDOWN, FACILITY, RECEIVABLE, DrawdownState, FacilityState, ReceivableState
from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, at_least, state_known


class Facility(Stateful):
    """What a financier will have outstanding at most; `used_minor` is taken by one conditional update."""

    machine = FACILITY

    state = models.CharField(max_length=24, default=FacilityState.OPEN.value)
    financier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    obligor = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    product = models.CharField(max_length=24)
    currency = models.CharField(max_length=3)
    limit_minor = MoneyMinorField()
    used_minor = MoneyMinorField(default=0)
    rate_percent = ExactDecimalField()
    day_count = models.CharField(max_length=12)
    tenor_days = models.PositiveSmallIntegerField()
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "facilities"
        constraints = [
            state_known(FACILITY, "facility_state_known"),
            models.CheckConstraint(
                condition=Q(used_minor__gte=0, used_minor__lte=F("limit_minor")), name="facility_used_within_limit"
            ),
            models.CheckConstraint(condition=Q(limit_minor__gt=0), name="facility_limit_positive"),
            models.CheckConstraint(condition=Q(rate_percent__range=(0, 36)), name="facility_rate_bounds"),
            models.CheckConstraint(condition=Q(tenor_days__range=(1, 366)), name="facility_tenor_bounds"),
            models.CheckConstraint(condition=Q(product__in=PRODUCTS), name="facility_product_known"),
            models.CheckConstraint(condition=Q(day_count__in=DAY_COUNTS), name="facility_day_count_known"),
        ]


class Receivable(Stateful):
    """A claim that its debtor has undertaken to pay, so that it may be financed: once, whoever asks.

    `source_ref` names the invoice; `identity` is a digest of what makes it this claim and no other.
    """

    machine = RECEIVABLE

    state = models.CharField(max_length=24, default=ReceivableState.ELIGIBLE.value)
    source_ref = models.CharField(max_length=80, unique=True)
    identity = models.CharField(max_length=64, unique=True)
    creditor = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    debtor = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    face_minor = MoneyMinorField()
    due_on = models.DateField()
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            state_known(RECEIVABLE, "receivable_state_known"),
            models.CheckConstraint(condition=Q(face_minor__gt=0), name="receivable_face_positive"),
        ]
        indexes = [models.Index(fields=["creditor", "-id"], name="receivable_of")]


class Drawdown(Stateful):
    """A receivable offered to a facility, and from approval on the funder's. Interest accrues from `funded_on`."""

    machine = DRAWDOWN
    DEAD = [DrawdownState.REFUSED.value, DrawdownState.WITHDRAWN.value]

    state = models.CharField(max_length=24, default=DrawdownState.REQUESTED.value)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="+")
    receivable = models.ForeignKey(Receivable, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    face_minor = MoneyMinorField()
    discount_minor = MoneyMinorField()
    advance_minor = MoneyMinorField()
    funded_on = models.DateField()
    matures_on = models.DateField()
    accrued_minor = MoneyMinorField(default=0)
    accrued_until = models.DateField(null=True)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    repaid_on = models.DateField(null=True)

    class Meta:
        constraints = [
            state_known(DRAWDOWN, "drawdown_state_known"),
            models.UniqueConstraint(
                fields=["receivable"],
                condition=~Q(state__in=[DrawdownState.REFUSED.value, DrawdownState.WITHDRAWN.value]),
                name="drawdown_once_a_receivable",
            ),
            models.CheckConstraint(
                condition=Q(face_minor=F("discount_minor") + F("advance_minor")), name="drawdown_face_ties"
            ),
            at_least("discount_minor", 0, "drawdown_discount_not_negative"),
            models.CheckConstraint(condition=Q(advance_minor__gt=0), name="drawdown_advance_positive"),
            models.CheckConstraint(condition=Q(matures_on__gt=F("funded_on")), name="drawdown_matures_after_funding"),
            models.CheckConstraint(
                condition=Q(accrued_minor__gte=0, accrued_minor__lte=F("discount_minor")),
                name="drawdown_accrued_within_discount",
            ),
        ]
        indexes = [models.Index(fields=["facility", "-id"], name="drawdown_of")]


class Accrual(models.Model):
    """What one day of one drawdown added to the financier's income."""

    drawdown = models.ForeignKey(Drawdown, on_delete=models.PROTECT, related_name="accruals")
    day = models.DateField()
    amount_minor = MoneyMinorField()
    cumulative_minor = MoneyMinorField()
    journal_ref = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["drawdown", "day"], name="accrual_once_a_day"),
            at_least("amount_minor", 0, "accrual_not_negative"),
            models.CheckConstraint(condition=Q(cumulative_minor__gte=F("amount_minor")), name="accrual_adds_up"),
        ]

    def __str__(self) -> str:
        return f"{self.drawdown_id} {self.day}: {self.amount_minor}"
