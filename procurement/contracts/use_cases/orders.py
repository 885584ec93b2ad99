"""Orders are placed from awards, answered by their supplier, and move as goods and invoices do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from marketplace.events import use_cases as events_
from marketplace.foundation.fields import less, more
from marketplace.kernel.money import Money, Rate, total
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.contracts import events, models
from procurement.contracts.rules import share_out
from procurement.contracts.use_cases.loading import load_order
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_


class MembersDoNotAddUp(Refusal):
    """An award buys another quantity for a pool than its members are bound to."""

    code = "members_do_not_add_up"
    words = gettext_noop("The award buys {awarded} for {pool}, its members are bound to {bound}.")


class MoreThanOrdered(Refusal):
    """More was shipped or counted than the order still has open."""

    code = "more_than_ordered"
    words = gettext_noop("{quantity} is more than what is still open on this order line.")


@dataclass(frozen=True)
class AwardedLine:
    """What an award buys from one supplier for one pool."""

    lot_ref: str
    pool_ref: str
    supplier_ref: str
    product_id: int
    region: str
    quantity: Decimal
    unit_price: Rate
    unit_freight: Rate


@transaction.atomic
def place_orders(
    *, award_ref: str, tender_ref: str, lines: Sequence[AwardedLine], due_on: date, by: str, at: datetime
) -> list[str]:
    """Turn an award into one purchase order per supplier, each line shared among the pool's members.

    Placing the same award again returns the orders that stand.

    :raises MembersDoNotAddUp: an awarded quantity is not what a pool's members are bound to.
    """
    standing = models.PurchaseOrder.objects.filter(award_ref=award_ref).order_by("id")
    if standing.exists():
        return list(standing.values_list("ref", flat=True))
    by_supplier: dict[tuple[str, str], list[AwardedLine]] = defaultdict(list)
    for line in lines:
        by_supplier[line.supplier_ref, line.unit_price.currency].append(line)
    suppliers = parties.ids_by_ref({supplier for supplier, _ in by_supplier})
    refs = events_.next_refs("PO", len(by_supplier), at=at)
    placed: list[tuple[AwardedLine, models.OrderLine]] = []
    pool_views = {ref: pools.pool(ref) for ref in dict.fromkeys(line.pool_ref for line in lines)}
    for ref, ((supplier, currency), mine) in zip(refs, sorted(by_supplier.items()), strict=True):
        order = models.PurchaseOrder.objects.create(
            ref=ref,
            supplier_id=suppliers[supplier],
            award_ref=award_ref,
            tender_ref=tender_ref,
            currency=currency,
            total_minor=total([_price(line) for line in mine], currency).minor,
            placed_at=at,
            due_on=due_on,
        )
        rows = models.OrderLine.objects.bulk_create(
            [
                models.OrderLine(
                    order=order,
                    pool_id=pool_views[line.pool_ref].id,
                    product_id=line.product_id,
                    lot_ref=line.lot_ref,
                    region=line.region,
                    quantity=line.quantity,
                    unit_price=line.unit_price.amount,
                    unit_freight=line.unit_freight.amount,
                )
                for line in mine
            ],
            batch_size=500,
        )
        models.DueDelivery.objects.bulk_create(
            [models.DueDelivery(line=row, due_on=due_on, quantity=row.quantity) for row in rows], batch_size=500
        )
        placed += zip(mine, rows, strict=True)
        events_.record(events.OrderPlaced(ref, supplier, currency, order.total_minor), source_ref=ref, at=at)
    _share_among_members(placed)
    for pool_ref in pool_views:
        pools_.mark_ordered(pool_ref=pool_ref, by=by, at=at)
    return refs


def _price(line: AwardedLine) -> Money:
    return line.unit_price.times(line.quantity) + line.unit_freight.times(line.quantity)


def _share_among_members(placed: Sequence[tuple[AwardedLine, models.OrderLine]]) -> None:
    by_pool: dict[str, list[models.OrderLine]] = defaultdict(list)
    for awarded, row in placed:
        by_pool[awarded.pool_ref].append(row)
    members: list[models.MemberLine] = []
    for pool_ref, rows in by_pool.items():
        bound = [member for member in pools.members(pool_ref) if member.quantity > 0]
        awarded_total = sum((row.quantity for row in rows), Decimal(0))
        bound_total = sum((member.quantity for member in bound), Decimal(0))
        if awarded_total != bound_total:
            raise MembersDoNotAddUp(pool=pool_ref, awarded=awarded_total, bound=bound_total)
        shares = share_out([row.quantity for row in rows], [member.quantity for member in bound])
        members += [
            models.MemberLine(
                line=rows[share.line],
                commitment_id=bound[share.member].commitment_id,
                buyer_id=bound[share.member].buyer_id,
                quantity=share.quantity,
            )
            for share in shares
        ]
    models.MemberLine.objects.bulk_create(members, batch_size=500)


@transaction.atomic
def acknowledge_order(*, order_ref: str, by: str, at: datetime) -> None:
    """The supplier takes the order on.

    :raises IllegalMove: it was acknowledged or declined before.
    """
    order = load_order(order_ref)
    order.move("acknowledge", by=by, at=at)
    events_.record(events.OrderAcknowledged(order_ref, order.supplier.ref), source_ref=order_ref, at=at)


@transaction.atomic
def record_shipment(*, order_ref: str, quantities: Mapping[int, Decimal], by: str, at: datetime) -> None:
    """Count what the supplier has sent, by order line id.

    :raises MoreThanOrdered: a line has less open than was sent.
    :raises IllegalMove: the order is not acknowledged, or all of it was sent before.
    """
    order = load_order(order_ref)
    for line_id, quantity in quantities.items():
        line = models.OrderLine.objects.filter(pk=line_id, order=order)
        if not line.filter(shipped__lte=less("quantity", quantity)).update(shipped=more("shipped", quantity)):
            raise MoreThanOrdered(quantity=quantity, line=line_id)
    everything = not order.lines.filter(shipped__lt=F("quantity")).exists()
    order.move("ship" if everything else "ship_part", by=by, at=at)


@transaction.atomic
def record_delivery(*, shares: Mapping[int, Decimal]) -> None:
    """Add what members accepted, by member line id; the lines above them follow.

    :raises MoreThanOrdered: a member would get more than its share.
    """
    lines: dict[int, Decimal] = defaultdict(Decimal)
    for member_id, quantity in shares.items():
        member = models.MemberLine.objects.filter(pk=member_id)
        if not member.filter(delivered__lte=less("quantity", quantity)).update(delivered=more("delivered", quantity)):
            raise MoreThanOrdered(quantity=quantity, line=member_id)
        lines[member.values_list("line_id", flat=True).get()] += quantity
    for line_id, quantity in lines.items():
        models.OrderLine.objects.filter(pk=line_id).update(delivered=more("delivered", quantity))


@transaction.atomic
def take_step(*, order_ref: str, verb: str, by: str, at: datetime) -> None:
    """Move the order on as its deliveries and invoices do (`receive`, `invoice`, `close`, `close_unpaid`).

    :raises IllegalMove: the order is elsewhere.
    """
    order = load_order(order_ref)
    order.move(verb, by=by, at=at)
    if verb == "receive":
        events_.record(events.OrderReceived(order_ref, order.supplier.ref), source_ref=order_ref, at=at)
    if verb in {"close", "close_unpaid"}:
        events_.record(events.OrderClosed(order_ref), source_ref=order_ref, at=at)
