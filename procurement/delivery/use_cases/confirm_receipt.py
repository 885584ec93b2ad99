"""A member says what it accepts of its share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from finance.invoicing import use_cases as invoicing_
from marketplace.catalogue import queries as catalogue
from marketplace.events import use_cases as events_
from marketplace.kernel.clock import business_date
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.contracts import queries as contracts
from procurement.contracts import use_cases as contracts_
from procurement.contracts.queries import OrderView
from procurement.delivery import events, models
from procurement.delivery.states import ReceiptState
from procurement.delivery.use_cases.naming import line_ref
from procurement.delivery.use_cases.receive_order import receive_order


class RejectedMoreThanCame(Refusal):
    """More is rejected than the member's share."""

    code = "rejected_more_than_came"
    words = gettext_noop("{rejected} cannot be rejected of {share} that came.")


class ReasonMissing(Refusal):
    """Goods are rejected without saying why."""

    code = "reason_missing"
    status = 400
    words = gettext_noop("Say why part of {receipt} is rejected.")


@transaction.atomic
def confirm_receipt(
    *, receipt_ref: str, rejected: Mapping[int, Decimal] | None = None, why: str = "", by: str, at: datetime
) -> None:
    """Accept the share, less what is rejected (by receipt line id); the last member's word closes the shipment.

    :raises ReasonMissing: something is rejected without a reason.
    :raises RejectedMoreThanCame: a rejected quantity is above the share or below zero.
    :raises IllegalMove: the receipt was confirmed before.
    """
    try:
        receipt = models.Receipt.objects.select_related("shipment__order", "buyer").get(ref=receipt_ref)
    except models.Receipt.DoesNotExist:
        raise NotFound(what="receipt", ref=receipt_ref) from None
    verb = "reject_part" if rejected and any(rejected.values()) else "accept"
    if verb == "reject_part" and not why.strip():
        raise ReasonMissing(receipt=receipt_ref)
    receipt.move(verb, by=by, at=at, why=why, reason=why, confirmed_at=at)
    accepted = _accept(receipt, rejected or {})
    contracts_.record_delivery(shares=accepted)
    events_.record(events.ReceiptConfirmed(receipt_ref, receipt.buyer.ref), source_ref=receipt_ref, at=at)
    if not receipt.shipment.receipts.filter(state=ReceiptState.AWAITING.value).exists():
        _close(receipt.shipment, by=by, at=at)


def _accept(receipt: models.Receipt, rejected: Mapping[int, Decimal]) -> dict[int, Decimal]:
    lines = list(receipt.lines.all())
    if not rejected.keys() <= {line.pk for line in lines}:
        raise NotFound(what="receipt line", ref=max(rejected.keys() - {line.pk for line in lines}))
    for line in lines:
        line.rejected = rejected.get(line.pk, Decimal(0))
        line.accepted = line.share - line.rejected
        if not 0 <= line.rejected <= line.share:
            raise RejectedMoreThanCame(rejected=line.rejected, share=line.share)
    models.ReceiptLine.objects.bulk_update(lines, ["accepted", "rejected"], batch_size=200)
    return {line.member_line_id: line.accepted for line in lines if line.accepted}


def _close(shipment: models.Shipment, *, by: str, at: datetime) -> None:
    """Book what was accepted, and the order as received when nothing of it is still on its way."""
    shipment.move("close", by=by, at=at)
    order = contracts.order(shipment.order.ref)
    _book(shipment, order, by=by, at=at)
    receive_order(order_ref=order.ref, by=by, at=at)


def _book(shipment: models.Shipment, order: OrderView, *, by: str, at: datetime) -> None:
    accepted: dict[int, Decimal] = defaultdict(Decimal)
    rows = models.ReceiptLine.objects.filter(receipt__shipment=shipment, accepted__gt=0)
    for line_id, quantity in rows.values_list("member_line__line_id", "accepted"):
        accepted[line_id] += quantity or Decimal(0)
    lines = [(line, accepted[line.id]) for line in order.lines if line.id in accepted]
    if not lines:
        return
    products = catalogue.products_by_id({line.product_id for line, _ in lines})
    invoicing_.book_goods_received(
        key=f"received:{shipment.ref}",
        source_ref=f"order:{order.ref}",
        supplier_ref=order.supplier_ref,
        lines=[
            invoicing_.ReceivedLine(
                line_ref=line_ref(line, kind),
                description=products[line.product_id].name_en,
                quantity=quantity,
                unit=products[line.product_id].unit,
                unit_price=rate,
                tax_rate_percent=products[line.product_id].tax_rate_percent,
            )
            for line, quantity in lines
            for kind, rate in (("goods", line.unit_price), ("freight", line.unit_freight))
            if rate.amount
        ],
        received_on=business_date(at),
        by=by,
        at=at,
    )
