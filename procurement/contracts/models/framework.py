"""Framework contracts, their price steps, and what was called off them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.contracts.states import CALL_OFF, FRAMEWORK, CallOffState, FrameworkState


class Framework(Stateful):
    """What one supplier agreed to deliver of one product, on call, at steps that stand.

    `called` and `called_minor` are the sums of the call-offs that stand; each takes from both in one conditional
    update, and never more than the ceilings leave. A ceiling that is empty does not bind; one of them always does.
    Calls are taken from `starts_on` up to and not including `ends_on`.
    """

    machine = FRAMEWORK

    state = models.CharField(max_length=24, default=FrameworkState.OFFERED.value)
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    unit = models.CharField(max_length=4)
    currency = models.CharField(max_length=3)
    unit_freight = ExactDecimalField(default=0)
    starts_on = models.DateField()
    ends_on = models.DateField()
    lead_days = models.PositiveSmallIntegerField(default=30)
    ceiling = ExactDecimalField(null=True)
    ceiling_minor = MoneyMinorField(null=True)
    called = ExactDecimalField(default=0)
    called_minor = MoneyMinorField(default=0)
    offered_by = models.CharField(max_length=80)
    offered_at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            state_known(FRAMEWORK, "framework_state_known"),
            models.CheckConstraint(condition=Q(starts_on__lt=F("ends_on")), name="framework_runs_forward"),
            at_least("unit_freight", 0, "framework_freight_not_negative"),
            models.CheckConstraint(
                condition=Q(ceiling__isnull=False) | Q(ceiling_minor__isnull=False), name="framework_has_a_ceiling"
            ),
            models.CheckConstraint(condition=Q(ceiling__gt=0), name="framework_ceiling_positive"),
            models.CheckConstraint(condition=Q(ceiling_minor__gt=0), name="framework_money_ceiling_positive"),
            models.CheckConstraint(
                condition=Q(called__gte=0) & (Q(ceiling__isnull=True) | Q(called__lte=F("ceiling"))),
                name="framework_never_beyond_ceiling",
            ),
            models.CheckConstraint(
                condition=Q(called_minor__gte=0)
                & (Q(ceiling_minor__isnull=True) | Q(called_minor__lte=F("ceiling_minor"))),
                name="framework_never_beyond_money_ceiling",
            ),
        ]


class FrameworkStep(models.Model):
    """From this quantity of one call-off on, all its units cost so much."""

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="steps")
    from_quantity = ExactDecimalField()
    unit_price = ExactDecimalField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(from_quantity__gt=0), name="framework_step_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_price__gt=0), name="framework_step_price_positive"),
            models.UniqueConstraint(fields=["framework", "from_quantity"], name="framework_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.from_quantity}: {self.unit_price}"


class CallOff(Stateful):
    """What one pool took of a framework; `quantity` and `amount_minor` are what stands against the ceilings."""

    machine = CALL_OFF

    state = models.CharField(max_length=24, default=CallOffState.CALLED.value)
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="call_offs")
    pool = models.OneToOneField("pools.Pool", on_delete=models.PROTECT, related_name="+")
    quantity = ExactDecimalField()
    unit_price = ExactDecimalField()
    amount_minor = MoneyMinorField()
    why = models.JSONField(default=dict)
    called_by = models.CharField(max_length=80)
    called_at = models.DateTimeField()

    class Meta:
        constraints = [
            state_known(CALL_OFF, "call_off_state_known"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="call_off_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_price__gt=0), name="call_off_price_positive"),
            at_least("amount_minor", 0, "call_off_amount_not_negative"),
        ]
