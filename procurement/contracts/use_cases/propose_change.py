"""One side proposes a change of an order; every party that it touches has a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from marketplace.events import use_cases as events_
from marketplace.foundation.fields import scaled
from marketplace.kernel.clock import business_date
from marketplace.kernel.refusals import BadValue, NotFound, Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from procurement.contracts import models, queries, rules
from procurement.contracts.queries import OrderLineView, OrderView
from procurement.contracts.rules import Delivery, LineNow, LineWish
from procurement.contracts.states import ORDER, ChangeState
from procurement.contracts.use_cases.loading import load_order, tell

PROPOSED = gettext_noop("A change of the order {order} is proposed ({change}): {why}. It needs your word.")


class ChangeUnderWay(Refusal):
    """An order has one open change at a time."""

    code = "change_under_way"
    words = gettext_noop("The change {change} of {order} is still open. It has to be answered or withdrawn first.")


class NothingChanges(Refusal):
    """The order is like that already."""

    code = "nothing_changes"
    status = 400
    words = gettext_noop("Nothing of {order} would change.")


@dataclass(frozen=True)
class Wish:
    """What is to become of one order line; what is None stays.

    quantity     of the line from now on; never more than it is
    unit_price   never more than it is
    deliveries   all dated deliveries of the line; they add up to it. None with a smaller quantity: the latest are cut
    """

    line_id: int
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    deliveries: tuple[Delivery, ...] | None = None


@transaction.atomic
def propose_change(
    *,
    order_ref: str,
    party_ref: str,
    wishes: Sequence[Wish] = (),
    cancels: bool = False,
    why: str,
    order_revision: int | None = None,
    by: str,
    at: datetime,
) -> str:
    """Propose other quantities, prices or days for an order, or to give it up; return the change's ref.

    party_ref        the supplier, a buyer with a share in the order, or '' for staff
    order_revision   the order as the proposer saw it

    The supplier and every buyer with a share in a changed line have a word; the proposer's is given with the proposal.
    Prices and quantities never rise: members were promised the price and are bound to their quantity. An open change
    that the order has outrun lapses.

    :raises NotFound: no such order or line.
    :raises NotAllowed: the party has no part in the order.
    :raises BadValue: no reason, or what a change may not do (see `rules.faults_of`).
    :raises NothingChanges: the order is like that already.
    :raises ChangeUnderWay: another change is open.
    :raises IllegalMove: the order cannot be changed any more, or not given up.
    :raises StaleWrite: the order is not what the proposer saw.
    """
    if not why.strip() or len(why) > rules.MOST_TEXT:
        raise BadValue(place="why", value=why[:40], reason=gettext_noop("between 1 and 2,000 characters are needed"))
    order, view = load_order(order_ref), queries.order(order_ref)
    ORDER.after(order.state, "cancel" if cancels else "change")
    if order_revision is not None and order_revision != order.revision:
        raise StaleWrite(ref=order_ref, revision=order_revision)
    side = queries.side_of(view, party_ref)
    touched = _touched(view, wishes, cancels, business_date(at))
    if not cancels and not touched:
        raise NothingChanges(order=order_ref)
    _make_room(order, by=by, at=at)
    change = _write(order, touched, side=side, cancels=cancels, why=why.strip(), by=by, at=at)
    lines = view.lines if cancels else tuple(line for line, _ in touched)
    _give_voices(change, view, lines, party_ref, by=by, at=at)
    parties = {view.supplier_ref, *(member.buyer_ref for line in lines for member in line.members)}
    facts = {"order": order_ref, "change": change.ref, "why": change.why}
    tell(parties, PROPOSED, facts, about=order_ref, at=at, but=party_ref)
    return change.ref


def _touched(
    view: OrderView, wishes: Sequence[Wish], cancels: bool, today: date
) -> list[tuple[OrderLineView, LineWish]]:
    """Return the lines that would really change, with what would become of them."""
    by_id = {line.id: line for line in view.lines}
    found: dict[int, tuple[OrderLineView, LineWish]] = {}
    for wish in () if cancels else wishes:
        line = by_id.get(wish.line_id)
        if line is None:
            raise NotFound(what="order line", ref=wish.line_id)
        if wish.line_id in found:
            raise BadValue(place="lines", value=wish.line_id, reason=gettext_noop("it stands twice"))
        full = _full(line, wish)
        now = LineNow(line.id, line.quantity, line.shipped, line.delivered, line.unit_price.amount)
        for place, value, reason in rules.faults_of(now, full, today):
            raise BadValue(place=f"lines.{line.id}.{place}", value=value, reason=reason)
        same = (full.quantity, full.unit_price) == (line.quantity, line.unit_price.amount)
        if not same or sorted(full.deliveries, key=lambda one: one.due_on) != list(line.due):
            found[line.id] = (line, full)
    return list(found.values())


def _full(line: OrderLineView, wish: Wish) -> LineWish:
    quantity = line.quantity if wish.quantity is None else wish.quantity
    price = line.unit_price.amount if wish.unit_price is None else wish.unit_price
    for place, value in (("quantity", quantity), ("unit_price", price)):
        _exact(f"lines.{line.id}.{place}", value)
    for delivery in wish.deliveries or ():
        _exact(f"lines.{line.id}.deliveries", delivery.quantity)
    deliveries = wish.deliveries
    if deliveries is None:
        deliveries = tuple(rules.cut_deliveries(line.due, quantity)) if quantity < line.quantity else line.due
    return LineWish(line.id, quantity, price, deliveries)


def _exact(place: str, value: Decimal) -> None:
    try:
        scaled(value)
    except ValueError as error:
        raise BadValue(place=place, value=value, reason=str(error)) from None


def _make_room(order: models.PurchaseOrder, *, by: str, at: datetime) -> None:
    standing = order.changes.filter(state=ChangeState.PROPOSED.value).first()
    if standing is None:
        return
    if standing.order_revision == order.revision:
        raise ChangeUnderWay(change=standing.ref, order=order.ref)
    standing.move("lapse", by=by, at=at, why="the order has moved on")


def _write(
    order: models.PurchaseOrder,
    touched: Sequence[tuple[OrderLineView, LineWish]],
    *,
    side: str,
    cancels: bool,
    why: str,
    by: str,
    at: datetime,
) -> models.OrderChange:
    try:
        with transaction.atomic():
            change = models.OrderChange.objects.create(
                ref=events_.next_ref("CH", at=at),
                order=order,
                order_revision=order.revision,
                cancels=cancels,
                side=side,
                why=why,
                proposed_by=by,
                proposed_at=at,
            )
    except IntegrityError:
        raise ChangeUnderWay(change="-", order=order.ref) from None
    models.ChangeLine.objects.bulk_create(
        models.ChangeLine(
            change=change,
            line_id=line.id,
            old_quantity=line.quantity,
            new_quantity=wish.quantity,
            old_price=line.unit_price.amount,
            new_price=wish.unit_price,
            before=_as_rows(line.due),
            schedule=_as_rows(wish.deliveries),
        )
        for line, wish in touched
    )
    return change


def _as_rows(deliveries: Sequence[Delivery]) -> list[list[str]]:
    ordered = sorted(deliveries, key=lambda one: one.due_on)
    return [[one.due_on.isoformat(), f"{one.quantity.normalize():f}"] for one in ordered]


def _give_voices(
    change: models.OrderChange,
    view: OrderView,
    lines: Sequence[OrderLineView],
    party_ref: str,
    *,
    by: str,
    at: datetime,
) -> None:
    voices = {view.supplier_id: view.supplier_ref}
    voices |= {member.buyer_id: member.buyer_ref for line in lines for member in line.members if member.quantity > 0}
    models.ChangeVoice.objects.bulk_create(
        models.ChangeVoice(
            change=change,
            party_id=party_id,
            agreed=True if ref == party_ref else None,
            said_by=by if ref == party_ref else "",
            said_at=at if ref == party_ref else None,
        )
        for party_id, ref in voices.items()
    )
