"""Shipments, receipts and bills."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.delivery.states import RECEIPT, SHIPMENT, ReceiptState, ShipmentState


class Shipment(Stateful):
    """What a supplier sent at once for one order.

    `due_on` is the earliest day on which something that it carries was due, as the order stood when it was sent.
    """

    machine = SHIPMENT

    state = models.CharField(max_length=24, default=ShipmentState.DISPATCHED.value)
    order = models.ForeignKey("contracts.PurchaseOrder", on_delete=models.PROTECT, related_name="+")
    tracking = models.CharField(max_length=80, blank=True)
    due_on = models.DateField(null=True)
    dispatched_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [state_known(SHIPMENT, "shipment_state_known")]


class ShipmentLine(models.Model):
    """So much of an order line was sent, and so much of it was counted on arrival."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey("contracts.OrderLine", on_delete=models.PROTECT, related_name="+")
    quantity = ExactDecimalField()
    counted = ExactDecimalField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipment_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(counted__isnull=True) | Q(counted__gte=0) & Q(counted__lte=F("quantity")),
                name="shipment_line_counts_what_was_sent",
            ),
            models.UniqueConstraint(fields=["shipment", "order_line"], name="shipment_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id}: {self.quantity}"


class Receipt(Stateful):
    """One member's share of a shipment, to be confirmed by it."""

    machine = RECEIPT

    state = models.CharField(max_length=24, default=ReceiptState.AWAITING.value)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="receipts")
    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            state_known(RECEIPT, "receipt_state_known"),
            models.UniqueConstraint(fields=["shipment", "buyer"], name="receipt_once"),
        ]


class ReceiptLine(models.Model):
    """So much came for a member's line; so much of it was accepted, so much rejected."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="lines")
    member_line = models.ForeignKey("contracts.MemberLine", on_delete=models.PROTECT, related_name="+")
    due = ExactDecimalField()
    share = ExactDecimalField()
    accepted = ExactDecimalField(null=True)
    rejected = ExactDecimalField(null=True)

    class Meta:
        constraints = [
            at_least("due", 0, "receipt_due_not_negative"),
            models.CheckConstraint(condition=Q(share__gte=0) & Q(share__lte=F("due")), name="receipt_share_within_due"),
            models.CheckConstraint(
                condition=Q(accepted__isnull=True, rejected__isnull=True)
                | Q(accepted__gte=0, rejected__gte=0, accepted=F("share") - F("rejected")),
                name="receipt_accepted_and_rejected_are_the_share",
            ),
            models.UniqueConstraint(fields=["receipt", "member_line"], name="receipt_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id}: {self.share}"


class PoolBill(models.Model):
    """What the suppliers charged for a pool, once all of it was received and invoiced."""

    pool = models.OneToOneField("pools.Pool", on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    goods_minor = MoneyMinorField()
    freight_minor = MoneyMinorField()
    fee_minor = MoneyMinorField()
    billed_at = models.DateTimeField()

    class Meta:
        constraints = [
            at_least("goods_minor", 0, "pool_bill_goods_not_negative"),
            at_least("freight_minor", 0, "pool_bill_freight_not_negative"),
            at_least("fee_minor", 0, "pool_bill_fee_not_negative"),
        ]

    def __str__(self) -> str:
        return f"bill of pool {self.pool_id}"


class MemberBill(models.Model):
    """One member's part of a pool's bill and the invoice that charges it."""

    bill = models.ForeignKey(PoolBill, on_delete=models.PROTECT, related_name="members")
    commitment = models.OneToOneField("pools.Commitment", on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    quantity = ExactDecimalField()
    goods_minor = MoneyMinorField()
    freight_minor = MoneyMinorField()
    fee_minor = MoneyMinorField()
    invoice_ref = models.CharField(max_length=40, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="member_bill_quantity_positive"),
            at_least("goods_minor", 0, "member_bill_goods_not_negative"),
            at_least("freight_minor", 0, "member_bill_freight_not_negative"),
            at_least("fee_minor", 0, "member_bill_fee_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.buyer_id} pays {self.invoice_ref}"
