"""What may be asked about orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import NotFound
from procurement.contracts import models
from procurement.contracts.rules import Delivery
from procurement.contracts.states import VOID


@dataclass(frozen=True)
class MemberView:
    """One member's share of an order line; quantities in the product's unit."""

    id: int
    commitment_id: int
    commitment_ref: str
    buyer_id: int
    buyer_ref: str
    quantity: Decimal
    delivered: Decimal


@dataclass(frozen=True)
class OrderLineView:
    """One line of an order with the members it is for, oldest first."""

    id: int
    order_ref: str
    supplier_ref: str
    pool_id: int
    pool_ref: str
    product_id: int
    lot_ref: str
    region: str
    quantity: Decimal
    shipped: Decimal
    delivered: Decimal
    unit_price: Rate
    unit_freight: Rate
    due: tuple[Delivery, ...]
    members: tuple[MemberView, ...]


@dataclass(frozen=True)
class OrderView:
    """An order as other apps see it."""

    id: int
    ref: str
    state: str
    supplier_id: int
    supplier_ref: str
    award_ref: str
    tender_ref: str
    currency: str
    due_on: date
    lines: tuple[OrderLineView, ...]


def orders_for(actor: Actor) -> QuerySet[models.PurchaseOrder]:
    """Return the orders the actor may see: its own as supplier, those with its share as buyer, all as staff."""
    orders = models.PurchaseOrder.objects.select_related("supplier")
    if actor.staff:
        return orders.order_by("-id")
    mine = Q(supplier__ref=actor.organisation) | Q(
        pk__in=models.MemberLine.objects.filter(buyer__ref=actor.organisation).values("line__order_id")
    )
    return orders.filter(mine).order_by("-id") if actor.organisation else orders.none()


def member_lines_for(actor: Actor) -> QuerySet[models.MemberLine]:
    """Return the actor's own shares of orders, newest first."""
    lines = models.MemberLine.objects.select_related("line__order__supplier", "line__product", "line__pool", "buyer")
    return lines.filter(buyer__ref=actor.organisation).order_by("-id") if actor.organisation else lines.none()


def member_lines(ids: Iterable[int]) -> dict[int, models.MemberLine]:
    """Return members' shares by row id, with their lines, orders and products."""
    rows = models.MemberLine.objects.filter(pk__in=list(ids))
    return {row.pk: row for row in rows.select_related("line__order__supplier", "line__product", "line__pool")}


def order(order_ref: str) -> OrderView:
    """Return one order with its lines and members.

    :raises NotFound: there is none of that ref.
    """
    try:
        row = models.PurchaseOrder.objects.select_related("supplier").get(ref=order_ref)
    except models.PurchaseOrder.DoesNotExist:
        raise NotFound(what="order", ref=order_ref) from None
    return OrderView(
        id=row.pk,
        ref=row.ref,
        state=row.state,
        supplier_id=row.supplier_id,
        supplier_ref=row.supplier.ref,
        award_ref=row.award_ref,
        tender_ref=row.tender_ref,
        currency=row.currency,
        due_on=row.due_on,
        lines=tuple(_lines(models.OrderLine.objects.filter(order=row))),
    )


def lines_of_pool(pool_ref: str) -> list[OrderLineView]:
    """Return every order line that supplies a pool, declined and cancelled orders left out."""
    lines = models.OrderLine.objects.filter(pool__ref=pool_ref).exclude(order__state__in=VOID)
    return _lines(lines)


def _lines(lines: QuerySet[models.OrderLine]) -> list[OrderLineView]:
    rows = list(lines.select_related("order__supplier", "pool").order_by("id"))
    members, due = _members([row.pk for row in rows]), deliveries_of([row.pk for row in rows])
    return [
        OrderLineView(
            id=row.pk,
            order_ref=row.order.ref,
            supplier_ref=row.order.supplier.ref,
            pool_id=row.pool_id,
            pool_ref=row.pool.ref,
            product_id=row.product_id,
            lot_ref=row.lot_ref,
            region=row.region,
            quantity=row.quantity,
            shipped=row.shipped,
            delivered=row.delivered,
            unit_price=Rate(row.unit_price, row.order.currency),
            unit_freight=Rate(row.unit_freight, row.order.currency),
            due=tuple(due.get(row.pk, [])),
            members=tuple(members[row.pk]),
        )
        for row in rows
    ]


def deliveries_of(line_ids: Iterable[int]) -> dict[int, list[Delivery]]:
    """Return the dated deliveries of order lines, earliest first, by line id."""
    found: dict[int, list[Delivery]] = defaultdict(list)
    rows = models.DueDelivery.objects.filter(line_id__in=list(line_ids)).order_by("due_on", "id")
    for row in rows:
        found[row.line_id].append(Delivery(row.due_on, row.quantity))
    return found


def _members(line_ids: Sequence[int]) -> dict[int, list[MemberView]]:
    found: dict[int, list[MemberView]] = defaultdict(list)
    rows = models.MemberLine.objects.filter(line_id__in=line_ids).order_by("id")
    for row in rows.select_related("commitment", "buyer"):
        found[row.line_id].append(
            MemberView(
                id=row.pk,
                commitment_id=row.commitment_id,
                commitment_ref=row.commitment.ref,
                buyer_id=row.buyer_id,
                buyer_ref=row.buyer.ref,
                quantity=row.quantity,
                delivered=row.delivered,
            )
        )
    return found


def state_of(order_ref: str) -> str:
    """Return an order's state."""
    return models.PurchaseOrder.objects.values_list("state", flat=True).get(ref=order_ref)


def refs_in(state: str, *, supplier_ref: str | None = None, award_ref: str | None = None) -> list[str]:
    """Return the refs of the orders in a state, oldest first."""
    orders = models.PurchaseOrder.objects.filter(state=state)
    if supplier_ref:
        orders = orders.filter(supplier__ref=supplier_ref)
    if award_ref:
        orders = orders.filter(award_ref=award_ref)
    return list(orders.order_by("id").values_list("ref", flat=True))
