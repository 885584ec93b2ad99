"""What may be asked about changes of orders, who is a party to one, and what is late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import NotAllowed
from marketplace.kernel.words import gettext_noop
from procurement.contracts import models
from procurement.contracts.queries.orders import OrderView, deliveries_of, order, orders_for
from procurement.contracts.rules import Late, first_due, late_of
from procurement.contracts.states import CHANGEABLE, ChangeState


def side_of(view: OrderView, party_ref: str) -> str:
    """Return the side on which a party stands: `supplier`, `buyer`, or `staff` for ''.

    :raises NotAllowed: it has no part in the order.
    """
    if not party_ref:
        return "staff"
    if party_ref == view.supplier_ref:
        return "supplier"
    if any(member.buyer_ref == party_ref for line in view.lines for member in line.members):
        return "buyer"
    raise NotAllowed(why=gettext_noop("your organisation has no part in this order"))


def changes_for(actor: Actor) -> QuerySet[models.OrderChange]:
    """Return the changes of orders the actor may see that touch it, the newest first; all for staff."""
    rows = models.OrderChange.objects.select_related("order__supplier").order_by("-id")
    rows = rows.prefetch_related("lines__line__product", "voices__party")
    if actor.staff:
        return rows
    if not actor.organisation:
        return rows.none()
    touched = models.ChangeVoice.objects.filter(party__ref=actor.organisation).values("change_id")
    return rows.filter(Q(order__supplier__ref=actor.organisation) | Q(pk__in=touched))


def changes_to_answer(actor: Actor) -> QuerySet[models.OrderChange]:
    """Return the open changes that wait for the actor's word, the oldest first."""
    mine = models.ChangeVoice.objects.filter(party__ref=actor.organisation, agreed__isnull=True)
    return changes_for(actor).filter(state=ChangeState.PROPOSED.value, pk__in=mine.values("change_id")).order_by("id")


@dataclass(frozen=True)
class LateDelivery:
    """A delivery whose day is over; `parties` are its supplier and the members it is for."""

    id: int
    order_ref: str
    due_on: date
    quantity: Decimal
    missing: Decimal
    parties: tuple[str, ...]


def untold_late(today: date) -> list[LateDelivery]:
    """Return the deliveries due before `today` of which part was not sent and nobody was told yet, earliest first."""
    rows = models.DueDelivery.objects.filter(
        told_at__isnull=True, due_on__lt=today, line__order__state__in=CHANGEABLE
    ).select_related("line__order__supplier")
    waiting = list(rows.order_by("due_on", "id"))
    due = deliveries_of({row.line_id for row in waiting})
    members: dict[int, list[str]] = defaultdict(list)
    shares = models.MemberLine.objects.filter(line_id__in={row.line_id for row in waiting}, quantity__gt=0)
    for line_id, buyer in shares.values_list("line_id", "buyer__ref"):
        members[line_id].append(buyer)
    found = []
    for row in waiting:
        missing = {one.delivery.due_on: one.missing for one in late_of(due[row.line_id], row.line.shipped, today)}
        if row.due_on in missing:
            parties = tuple(sorted({row.line.order.supplier.ref, *members[row.line_id]}))
            late = missing[row.due_on]
            found.append(LateDelivery(row.pk, row.line.order.ref, row.due_on, row.quantity, late, parties))
    return found


def late_lines(view: OrderView, today: date) -> dict[int, list[Late]]:
    """Return what of an order is late, by line id; nothing once all was sent or the order is void."""
    if view.state not in CHANGEABLE:
        return {}
    found = {line.id: late_of(line.due, line.shipped, today) for line in view.lines}
    return {line: late for line, late in found.items() if late}


def due_day_of(order_ref: str, line_ids: Iterable[int]) -> date | None:
    """Return the earliest day on which something of these lines that was not sent yet is due."""
    wanted = set(line_ids)
    days = [first_due(line.due, line.shipped) for line in order(order_ref).lines if line.id in wanted]
    return min((day for day in days if day is not None), default=None)


def party_of(actor: Actor, order_ref: str) -> str | None:
    """Return for whom the actor speaks on an order: its organisation, '' for staff, None when it may not see it."""
    if not orders_for(actor).filter(ref=order_ref).exists():
        return None
    member = Actor(by=actor.by, organisation=actor.organisation, roles=actor.roles)
    if actor.organisation and orders_for(member).filter(ref=order_ref).exists():
        return actor.organisation
    return ""
