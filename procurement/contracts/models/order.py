"""Orders, their lines, and whose share is in each."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.contracts.rules import MOST_PAPER_BYTES, MOST_PAPERS
from procurement.contracts.states import ORDER, OrderState


class PurchaseOrder(Stateful):
    """What one supplier has to deliver from one award. The platform is the principal that orders."""

    machine = ORDER

    state = models.CharField(max_length=24, default=OrderState.PLACED.value)
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    award_ref = models.CharField(max_length=40)
    tender_ref = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    total_minor = MoneyMinorField()
    placed_at = models.DateTimeField()
    due_on = models.DateField()
    reason = models.TextField(blank=True)
    papers = models.PositiveSmallIntegerField(default=0)
    papers_size = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            state_known(ORDER, "order_state_known"),
            at_least("total_minor", 0, "order_total_not_negative"),
            models.UniqueConstraint(fields=["award_ref", "supplier", "currency"], name="order_once_per_award"),
            models.CheckConstraint(
                condition=Q(papers__lte=MOST_PAPERS, papers_size__lte=MOST_PAPER_BYTES), name="order_papers_within"
            ),
        ]


class OrderLine(models.Model):
    """So much of one product for one pool, at the price of the award."""

    order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="lines")
    pool = models.ForeignKey("pools.Pool", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    lot_ref = models.CharField(max_length=40)
    region = models.CharField(max_length=80)
    quantity = ExactDecimalField()
    unit_price = ExactDecimalField()
    unit_freight = ExactDecimalField(default=0)
    shipped = ExactDecimalField(default=0)
    delivered = ExactDecimalField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity_positive"),
            at_least("unit_price", 0, "order_line_price_not_negative"),
            at_least("unit_freight", 0, "order_line_freight_not_negative"),
            models.CheckConstraint(
                condition=Q(shipped__gte=0) & Q(shipped__lte=F("quantity")), name="order_line_never_overshipped"
            ),
            models.CheckConstraint(
                condition=Q(delivered__gte=0) & Q(delivered__lte=F("shipped")), name="order_line_never_overdelivered"
            ),
            models.UniqueConstraint(fields=["order", "pool", "lot_ref"], name="order_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.quantity} of {self.product_id}"


class DueDelivery(models.Model):
    """So much of an order line is to be sent by the end of a day; a line's deliveries add up to the line.

    What is sent fills the earliest days first. `told_at` is when both sides were told that it is late.
    """

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="due")
    due_on = models.DateField()
    quantity = ExactDecimalField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="due_delivery_quantity_positive"),
            models.UniqueConstraint(fields=["line", "due_on"], name="due_delivery_once_a_day"),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(told_at__isnull=True), name="due_delivery_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.quantity} by {self.due_on}"


class MemberLine(models.Model):
    """One member's share of an order line; an agreed change may have left it nothing."""

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="members")
    commitment = models.ForeignKey("pools.Commitment", on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    quantity = ExactDecimalField()
    delivered = ExactDecimalField(default=0)

    class Meta:
        constraints = [
            at_least("quantity", 0, "member_line_quantity_not_negative"),
            models.CheckConstraint(
                condition=Q(delivered__gte=0) & Q(delivered__lte=F("quantity")), name="member_line_never_overdelivered"
            ),
            models.UniqueConstraint(fields=["line", "commitment"], name="member_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.buyer_id}: {self.quantity}"
