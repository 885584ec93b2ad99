"""Goods come to the hub and are counted; each member is told its share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.contracts import queries as contracts
from procurement.contracts.queries import MemberView, OrderLineView
from procurement.delivery import events, models
from procurement.delivery.rules import share_arrival


class CountedMoreThanSent(Refusal):
    """More was counted than the shipment says it carries."""

    code = "counted_more_than_sent"
    words = gettext_noop("{counted} was counted of {sent} sent. What was not sent cannot be received.")


@transaction.atomic
def arrive_shipment(
    *, shipment_ref: str, counted: Mapping[int, Decimal] | None = None, by: str, at: datetime
) -> list[str]:
    """Count what came, share it by the pool's rule, and open one receipt a member; return the receipts' refs.

    counted  by order line id; a line not named came whole

    :raises CountedMoreThanSent: a count is above what was sent, or below zero.
    :raises IllegalMove: the shipment arrived before.
    """
    try:
        shipment = models.Shipment.objects.select_related("order").get(ref=shipment_ref)
    except models.Shipment.DoesNotExist:
        raise NotFound(what="shipment", ref=shipment_ref) from None
    shipment.move("arrive", by=by, at=at, arrived_at=at)
    came = _count(shipment, counted or {})
    order = contracts.order(shipment.order.ref)
    promised = _promised(shipment.order_id)
    parts: dict[int, list[tuple[MemberView, Decimal, Decimal]]] = defaultdict(list)
    for line in order.lines:
        if line.id in came:
            for member, due, share in _shares(line, came[line.id], promised):
                parts[member.buyer_id].append((member, due, share))
    refs = events_.next_refs("RC", len(parts), at=at)
    for ref, (buyer_id, rows) in zip(refs, parts.items(), strict=True):
        receipt = models.Receipt.objects.create(ref=ref, shipment=shipment, buyer_id=buyer_id)
        models.ReceiptLine.objects.bulk_create(
            [
                models.ReceiptLine(receipt=receipt, member_line_id=member.id, due=due, share=share)
                for member, due, share in rows
            ],
            batch_size=500,
        )
    events_.record(events.ShipmentArrived(shipment_ref, order.ref), source_ref=shipment_ref, at=at)
    return refs


def _count(shipment: models.Shipment, counted: Mapping[int, Decimal]) -> dict[int, Decimal]:
    came: dict[int, Decimal] = {}
    lines = list(shipment.lines.all())
    for line in lines:
        line.counted = counted.get(line.order_line_id, line.quantity)
        if not 0 <= line.counted <= line.quantity:
            raise CountedMoreThanSent(counted=line.counted, sent=line.quantity)
        came[line.order_line_id] = line.counted
    if not counted.keys() <= came.keys():
        raise CountedMoreThanSent(counted=max(counted.keys() - came.keys()), sent=0)
    models.ShipmentLine.objects.bulk_update(lines, ["counted"], batch_size=200)
    return came


def _promised(order_id: int) -> dict[int, Decimal]:
    """Return, by member line, what receipts still to be confirmed have promised."""
    waiting = models.ReceiptLine.objects.filter(receipt__shipment__order_id=order_id, accepted__isnull=True)
    return dict(waiting.values_list("member_line_id").annotate(Sum("share")))


def _shares(
    line: OrderLineView, came: Decimal, promised: Mapping[int, Decimal]
) -> list[tuple[MemberView, Decimal, Decimal]]:
    dues = [member.quantity - member.delivered - promised.get(member.id, Decimal(0)) for member in line.members]
    shares = share_arrival(came, dues)
    return [row for row in zip(line.members, dues, shares, strict=True) if row[1] > 0]
