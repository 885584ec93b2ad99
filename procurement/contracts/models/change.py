"""Changes of orders: what was proposed, line by line, and each party's word on it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.foundation.fields import ExactDecimalField
from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.contracts.states import CHANGE, ChangeState


class OrderChange(Stateful):
    """A change of an order that one side proposed.

    `order_revision` is the order as the proposer saw it: once the order has moved on, the change cannot be agreed any
    more. It takes effect when every party that it touches has agreed; the first refusal ends it.
    """

    machine = CHANGE

    state = models.CharField(max_length=24, default=ChangeState.PROPOSED.value)
    order = models.ForeignKey("contracts.PurchaseOrder", on_delete=models.PROTECT, related_name="changes")
    order_revision = models.PositiveIntegerField()
    cancels = models.BooleanField(default=False)
    side = models.CharField(max_length=8)
    why = models.TextField()
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            state_known(CHANGE, "order_change_state_known"),
            models.CheckConstraint(
                condition=Q(side__in=["supplier", "buyer", "staff"]), name="order_change_side_known"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state=ChangeState.PROPOSED.value), name="order_change_one_open"
            ),
        ]


class ChangeLine(models.Model):
    """What a change makes of one order line; `before` and `schedule` are deliveries as [[day, quantity], ...]."""

    change = models.ForeignKey(OrderChange, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey("contracts.OrderLine", on_delete=models.PROTECT, related_name="+")
    old_quantity = ExactDecimalField()
    new_quantity = ExactDecimalField()
    old_price = ExactDecimalField()
    new_price = ExactDecimalField()
    before = models.JSONField()
    schedule = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(old_quantity__gt=0), name="change_line_old_quantity_positive"),
            models.CheckConstraint(
                condition=Q(new_quantity__gt=0) & Q(new_quantity__lte=models.F("old_quantity")),
                name="change_line_never_raises_quantity",
            ),
            at_least("old_price", 0, "change_line_old_price_not_negative"),
            models.CheckConstraint(
                condition=Q(new_price__gte=0) & Q(new_price__lte=models.F("old_price")),
                name="change_line_never_raises_price",
            ),
            models.UniqueConstraint(fields=["change", "line"], name="change_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.old_quantity} -> {self.new_quantity}"


class ChangeVoice(models.Model):
    """One party whose word a change needs, and what it said; `agreed` is empty until it has spoken."""

    change = models.ForeignKey(OrderChange, on_delete=models.PROTECT, related_name="voices")
    party = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    agreed = models.BooleanField(null=True)
    said_by = models.CharField(max_length=80, blank=True)
    said_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "party"], name="change_voice_once")]

    def __str__(self) -> str:
        return f"{self.party_id}: {self.agreed}"
