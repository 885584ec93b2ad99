"""What may be asked about deliveries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum

from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from procurement.delivery import models
from procurement.delivery.states import ReceiptState, ShipmentState


@dataclass(frozen=True)
class BillView:
    """What one member was charged before tax; the buyer's savings are measured on it."""

    commitment_id: int
    buyer_id: int
    pool_id: int
    quantity: Decimal
    goods: Money
    freight: Money
    fee: Money
    invoice_ref: str


def shipments_for(actor: Actor) -> QuerySet[models.Shipment]:
    """Return the shipments the actor sent or has a share in; all for staff."""
    rows = models.Shipment.objects.select_related("order__supplier").order_by("-id")
    if actor.staff:
        return rows
    if not actor.organisation:
        return rows.none()
    shared = models.Receipt.objects.filter(buyer__ref=actor.organisation).values("shipment_id")
    return rows.filter(Q(order__supplier__ref=actor.organisation) | Q(pk__in=shared))


def receipts_for(actor: Actor) -> QuerySet[models.Receipt]:
    """Return the actor's own receipts; all for staff."""
    rows = models.Receipt.objects.select_related("shipment__order", "buyer").prefetch_related("lines").order_by("-id")
    if actor.staff:
        return rows
    return rows.filter(buyer__ref=actor.organisation) if actor.organisation else rows.none()


def dispatched_shipments() -> list[str]:
    """Return the refs of shipments on their way, oldest first."""
    rows = models.Shipment.objects.filter(state=ShipmentState.DISPATCHED.value)
    return list(rows.order_by("id").values_list("ref", flat=True))


def receipts_awaiting() -> list[str]:
    """Return the refs of receipts that wait for their buyer's word, oldest first."""
    rows = models.Receipt.objects.filter(state=ReceiptState.AWAITING.value)
    return list(rows.order_by("id").values_list("ref", flat=True))


def shipment_lines(shipment_ref: str) -> dict[int, Decimal]:
    """Return what a shipment carries, by order line id."""
    lines = models.ShipmentLine.objects.filter(shipment__ref=shipment_ref)
    return dict(lines.order_by("id").values_list("order_line_id", "quantity"))


def receipt_shares(receipt_ref: str) -> dict[int, Decimal]:
    """Return what came for a member, by receipt line id."""
    lines = models.ReceiptLine.objects.filter(receipt__ref=receipt_ref)
    return dict(lines.order_by("id").values_list("id", "share"))


def bills(pool_ids: Iterable[int] | None = None) -> list[BillView]:
    """Return every member's bill, oldest first, of the pools named or of all."""
    rows = models.MemberBill.objects.select_related("bill").order_by("id")
    if pool_ids is not None:
        rows = rows.filter(bill__pool_id__in=list(pool_ids))
    return [
        BillView(
            commitment_id=row.commitment_id,
            buyer_id=row.buyer_id,
            pool_id=row.bill.pool_id,
            quantity=row.quantity,
            goods=Money.from_minor(row.goods_minor, row.bill.currency),
            freight=Money.from_minor(row.freight_minor, row.bill.currency),
            fee=Money.from_minor(row.fee_minor, row.bill.currency),
            invoice_ref=row.invoice_ref,
        )
        for row in rows
    ]


def invoices_of_pool(pool_id: int) -> list[str]:
    """Return the refs of the invoices that charge a pool's members."""
    return list(models.MemberBill.objects.filter(bill__pool_id=pool_id).values_list("invoice_ref", flat=True))


def verify() -> list[str]:
    """Return what is wrong with the bills: members that do not add up to their pool's bill."""
    sums = models.PoolBill.objects.annotate(
        goods=Sum("members__goods_minor"), freight=Sum("members__freight_minor"), fee=Sum("members__fee_minor")
    )
    wrong = sums.exclude(goods=F("goods_minor"), freight=F("freight_minor"), fee=F("fee_minor"))
    return [f"bill of pool {bill.pool_id}: members {bill.goods}, pool {bill.goods_minor}" for bill in wrong]
