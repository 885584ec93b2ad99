"""A party agrees to a change or refuses it; the last word of all makes it so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.money import total
from marketplace.kernel.refusals import BadValue, NotAllowed, Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from procurement.contracts import events, models, queries, rules
from procurement.contracts.queries import OrderLineView
from procurement.contracts.rules import Holding
from procurement.contracts.states import OrderState
from procurement.contracts.use_cases.call_off import lower_call_off
from procurement.contracts.use_cases.decline_order import let_go
from procurement.contracts.use_cases.loading import load_change, load_order, parties_of, tell
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_

AGREED = gettext_noop("The change {change} of the order {order} is agreed by all and holds now.")
REFUSED = gettext_noop("The change {change} of the order {order} was refused: {why}")
WITHDRAWN = gettext_noop("The change {change} of the order {order} was withdrawn.")
CANCELLED = gettext_noop("The order {order} is given up; both sides agreed: {why}")


class ChangeOutrun(Refusal):
    """The order moved on after the change was proposed."""

    code = "change_outrun"
    words = gettext_noop("{order} has moved on since {change} was proposed. Propose it anew on what the order is now.")


@transaction.atomic
def agree_change(*, change_ref: str, party_ref: str, by: str, at: datetime) -> bool:
    """Give one party's word for a change; return whether all have now agreed, so that it holds.

    What then happens, happens at once: the order's lines, days and total, the members' shares by their pool's rule,
    the pool's and the framework's sums. A member who is left nothing gets its advance back.

    :raises NotFound: no such change.
    :raises NotAllowed: the change does not need this party's word, or has it already.
    :raises ChangeOutrun: the order moved on after the change was proposed.
    :raises IllegalMove: it was agreed, refused or withdrawn before.
    :raises StaleWrite: another party spoke at this moment: say it again.
    """
    change = load_change(change_ref)
    if change.state == "proposed" and change.order.revision != change.order_revision:
        raise ChangeOutrun(order=change.order.ref, change=change_ref)
    _must_have_a_word(change, party_ref)
    last = change.voices.filter(agreed__isnull=True).count() == 1
    change.move("agree" if last else "support", by=by, at=at)
    said = change.voices.filter(party__ref=party_ref, agreed__isnull=True)
    if not said.update(agreed=True, said_by=by, said_at=at):
        raise StaleWrite(ref=change_ref, revision=change.revision)
    if last:
        _apply(change, by=by, at=at)
    return last


@transaction.atomic
def decline_change(*, change_ref: str, party_ref: str, why: str, by: str, at: datetime) -> None:
    """Refuse a change, with a reason: the order stays as it is.

    :raises NotFound: no such change.
    :raises BadValue: no reason.
    :raises NotAllowed: the change does not need this party's word, or has it already.
    :raises IllegalMove: it was agreed, refused or withdrawn before.
    """
    if not why.strip():
        raise BadValue(place="why", value=why, reason=gettext_noop("a reason is needed"))
    change = load_change(change_ref)
    _must_have_a_word(change, party_ref)
    change.move("decline", by=by, at=at, why=why, reason=why)
    change.voices.filter(party__ref=party_ref).update(agreed=False, said_by=by, said_at=at)
    facts = {"change": change_ref, "order": change.order.ref, "why": why}
    tell(_heard(change), REFUSED, facts, about=change.order.ref, at=at, but=party_ref)


@transaction.atomic
def withdraw_change(*, change_ref: str, party_ref: str, by: str, at: datetime) -> None:
    """Take a proposal back; whoever proposed it may, and staff ('').

    :raises NotFound: no such change.
    :raises NotAllowed: another side proposed it.
    :raises IllegalMove: it was agreed, refused or withdrawn before.
    """
    change = load_change(change_ref)
    first = change.voices.filter(agreed=True, said_at=change.proposed_at).values_list("party__ref", flat=True)
    if party_ref and (change.side == "staff" or party_ref not in first):
        raise NotAllowed(why=gettext_noop("another side proposed it"))
    change.move("withdraw", by=by, at=at)
    facts = {"change": change_ref, "order": change.order.ref}
    tell(_heard(change), WITHDRAWN, facts, about=change.order.ref, at=at, but=party_ref)


def _must_have_a_word(change: models.OrderChange, party_ref: str) -> None:
    voice = change.voices.filter(party__ref=party_ref).first()
    if voice is None:
        raise NotAllowed(why=gettext_noop("this change does not need your word"))
    if change.state == "proposed" and voice.agreed is not None:
        raise NotAllowed(why=gettext_noop("you have agreed already"))


def _heard(change: models.OrderChange) -> set[str]:
    return set(change.voices.values_list("party__ref", flat=True))


def _apply(change: models.OrderChange, *, by: str, at: datetime) -> None:
    order = load_order(change.order.ref)
    if order.revision != change.order_revision:
        raise ChangeOutrun(order=order.ref, change=change.ref)
    if change.cancels:
        _cancel(change, order, by=by, at=at)
        return
    order.move("change", by=by, at=at, why=change.ref)
    view = {line.id: line for line in queries.order(order.ref).lines}
    for wish in change.lines.order_by("id"):
        _apply_line(wish, view[wish.line_id], why=change.why, by=by, at=at)
    _refresh(order, by=by, at=at)
    fact = events.OrderChanged(order.ref, change.ref, order.total_minor, order.currency)
    events_.record(fact, source_ref=order.ref, at=at)
    tell(parties_of(order), AGREED, {"change": change.ref, "order": order.ref}, about=order.ref, at=at)


def _cancel(change: models.OrderChange, order: models.PurchaseOrder, *, by: str, at: datetime) -> None:
    order.move("cancel", by=by, at=at, why=change.why, reason=change.why)
    fact = events.OrderCancelled(order.ref, order.supplier.ref, change.why)
    events_.record(fact, source_ref=order.ref, at=at)
    tell(parties_of(order), CANCELLED, {"order": order.ref, "why": change.why}, about=order.ref, at=at)
    let_go(order, why=change.why, by=by, at=at)


def _apply_line(wish: models.ChangeLine, line: OrderLineView, *, why: str, by: str, at: datetime) -> None:
    standing = models.OrderLine.objects.filter(
        pk=line.id,
        quantity=wish.old_quantity,
        unit_price=wish.old_price,
        shipped=line.shipped,
        delivered=line.delivered,
    )
    if not standing.update(quantity=wish.new_quantity, unit_price=wish.new_price):
        raise StaleWrite(ref=line.order_ref, revision=wish.change.order_revision)
    _reschedule(line.id, wish.schedule)
    if wish.new_quantity < wish.old_quantity:
        _cut_members(line, wish.new_quantity, why=why, by=by, at=at)


def _reschedule(line_id: int, schedule: Sequence[Sequence[str]]) -> None:
    """Replace a line's deliveries; a delivery that stays as it was stays told."""
    told = {(row.due_on, row.quantity): row.told_at for row in models.DueDelivery.objects.filter(line_id=line_id)}
    models.DueDelivery.objects.filter(line_id=line_id).delete()
    rows = [(date.fromisoformat(day), Decimal(quantity)) for day, quantity in schedule]
    models.DueDelivery.objects.bulk_create(
        models.DueDelivery(line_id=line_id, due_on=day, quantity=quantity, told_at=told.get((day, quantity)))
        for day, quantity in rows
    )


def _cut_members(line: OrderLineView, quantity: Decimal, *, why: str, by: str, at: datetime) -> None:
    """Share a smaller line by the pool's rule, among its members and in their pool."""
    pool = pools.pool(line.pool_ref)
    allocated = {one.commitment_ref: one for one in pools.members(line.pool_ref)}
    holdings = [
        Holding(one.buyer_ref, one.quantity, one.delivered, allocated[one.commitment_ref].priority)
        for one in line.members
    ]
    shares = rules.cut_shares(quantity, holdings, pool.allocation_rule)
    left: dict[str, Decimal] = {}
    for member, share in zip(line.members, shares, strict=True):
        if share == member.quantity:
            continue
        models.MemberLine.objects.filter(pk=member.id).update(quantity=share)
        left[member.commitment_ref] = allocated[member.commitment_ref].quantity - (member.quantity - share)
    pools_.cut_ordered(pool_ref=line.pool_ref, quantities=left, why=why, by=by, at=at)


def _refresh(order: models.PurchaseOrder, *, by: str, at: datetime) -> None:
    """Reckon the order's total, last day and call-off anew, and ship it when nothing is left to send."""
    view = queries.order(order.ref)
    amount = total(
        [rate.times(line.quantity) for line in view.lines for rate in (line.unit_price, line.unit_freight)],
        order.currency,
    )
    last = max(one.due_on for line in view.lines for one in line.due)
    models.PurchaseOrder.objects.filter(pk=order.pk).update(total_minor=amount.minor, due_on=last)
    if order.state == OrderState.PART_SHIPPED and all(line.shipped == line.quantity for line in view.lines):
        order.move("ship", by=by, at=at, why="nothing is left to send")
    order.refresh_from_db()
    if len(view.lines) == 1:
        lower_call_off(order, view.lines[0].quantity, view.lines[0].unit_price.amount, by=by, at=at)
