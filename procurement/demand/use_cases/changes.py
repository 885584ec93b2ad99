"""What happens to a request after it was handed in: quantities change, it is cancelled, expires or is closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.events.use_cases import record
from marketplace.foundation.models import move_all
from marketplace.kernel.clock import business_date
from marketplace.kernel.refusals import BadValue, Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.demand import events, models, queries, rules
from procurement.demand.states import LineState, RequestState, origins
from procurement.demand.use_cases.loading import load, load_line, must_be, touch, unfinished
from procurement.demand.use_cases.requests import refuse_fault
from procurement.engines.wants import read_curve

CHUNK = 900  # ids a statement, for SQLite


class LinesInUse(Refusal):
    """Lines of the request are in pools or orders."""

    code = "lines_in_use"
    words = gettext_noop("{lines} lines of {ref} are in pools or orders, or not yet done.")


class MoreThanApproved(Refusal):
    """An approved quantity may fall; a rise needs a new request."""

    code = "more_than_approved"
    words = gettext_noop("{quantity} is more than the {approved} that were approved: open a new request for the rest.")


class LinesMoved(Refusal):
    """Some lines are not where they were thought to be."""

    code = "lines_moved"
    words = gettext_noop("{missing} of {lines} lines cannot become {state} any more.")


@transaction.atomic
def change_quantity(
    *,
    request_ref: str,
    position: int,
    quantity: Decimal,
    tolerance: Decimal | None = None,
    by: str,
    at: datetime,
    why: str = "",
) -> None:
    """Change how much a line asks for, and keep what it asked for before, by whom and when.

    :raises NotFound: no such request or line.
    :raises IllegalMove: the request is over.
    :raises BadValue: the quantity cannot be.
    :raises MoreThanApproved: the request is approved, and the line would grow.
    :raises StaleWrite: the line is in a pool, or somebody changed it meanwhile.
    """
    request = load(request_ref)
    states = (RequestState.DRAFT, RequestState.SUBMITTED, RequestState.APPROVED)
    must_be(request, *(state.value for state in states), verb="change_quantity")
    line = load_line(request, position)
    wanted = line.tolerance if tolerance is None else tolerance
    refuse_fault("quantity", quantity, rules.quantity_fault(quantity, wanted))
    if request.state == RequestState.APPROVED and quantity + wanted > line.quantity + line.tolerance:
        raise MoreThanApproved(quantity=rules.plain(quantity + wanted), approved=rules.plain(line.quantity))
    levels = read_curve(line.curve)
    if levels and quantity > line.quantity:
        raise BadValue(
            place="quantity", value=rules.plain(quantity), reason=gettext_noop("its demand curve wants less")
        )
    value = rules.in_proportion(line.stated_value, quantity, line.quantity)
    refuse_fault("quantity", quantity, rules.price_fault(value))
    touch(request)
    mine = models.RequestLine.objects.filter(pk=line.pk, line_state=LineState.OPEN.value, quantity=line.quantity)
    curve = rules.curve_of(rules.capped(levels, quantity)) if levels else ""
    if not mine.update(quantity=quantity, tolerance=wanted, stated_value=value, curve=curve):
        raise StaleWrite(ref=f"{request_ref}/{position}")
    models.LineQuantityChange.objects.create(
        line=line,
        from_quantity=line.quantity,
        to_quantity=quantity,
        from_tolerance=line.tolerance,
        to_tolerance=wanted,
        by=by,
        at=at,
        why=why,
    )


@transaction.atomic
def cancel_request(*, request_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Take a request back, with all its lines; none may be in a pool or an order.

    :raises LinesInUse: one is.
    """
    request = load(request_ref)
    request.move("cancel", by=by, at=at, why=why)
    _drop_open_lines(request)
    buyer = parties.ref_of(request.buyer_id)
    record(events.RequestCancelled(request_ref, buyer), source_ref=request_ref, at=at)


def _drop_open_lines(request: models.PurchaseRequest) -> None:
    still_open = models.RequestLine.objects.filter(request=request, line_state=LineState.OPEN.value)
    still_open.update(line_state=LineState.CANCELLED.value)
    left = unfinished(request)
    if left:
        raise LinesInUse(ref=request.ref, lines=left)


@transaction.atomic
def expire_request(*, request_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Let an approved request lapse whose days have all gone by without a pool.

    :raises LinesInUse: a line is in use, or may still be pooled.
    """
    request = load(request_ref)
    today = business_date(at)
    current = models.RequestLine.objects.filter(
        request=request, line_state=LineState.OPEN.value, needed_to__gt=today
    ).count()
    if current:
        raise LinesInUse(ref=request_ref, lines=current)
    request.move("expire", by=by, at=at, why=why)
    _drop_open_lines(request)


@transaction.atomic
def close_request(*, request_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Close an approved request whose lines are all delivered or cancelled.

    :raises LinesInUse: one is not.
    """
    request = load(request_ref)
    left = unfinished(request)
    if left:
        raise LinesInUse(ref=request_ref, lines=left)
    request.move("close", by=by, at=at, why=why)
    buyer = parties.ref_of(request.buyer_id)
    record(events.RequestClosed(request_ref, buyer), source_ref=request_ref, at=at)


@transaction.atomic
def close_finished_requests(*, by: str, at: datetime, limit: int = 200) -> int:
    """Close approved requests whose lines are all delivered or cancelled, oldest first; return how many."""
    requests = list(queries.finished_requests(limit))
    move_all(requests, "close", by=by, at=at)
    buyers = parties.refs_by_id(request.buyer_id for request in requests)
    for request in requests:
        fact = events.RequestClosed(request.ref, buyers[request.buyer_id])
        record(fact, source_ref=request.ref, at=at)
    return len(requests)


@transaction.atomic
def mark_lines(*, line_ids: Sequence[int], state: str) -> int:
    """Bring lines to `state` (open, pooled, ordered, delivered) by one step each, all of them or none; return how many.

    The write is conditional on where the lines are, so that two pools cannot both take one.

    :raises LinesMoved: some are not where that step begins.
    """
    ids = list(dict.fromkeys(line_ids))
    moved = 0
    for start in range(0, len(ids), CHUNK):
        some = models.RequestLine.objects.filter(id__in=ids[start : start + CHUNK], line_state__in=origins(state))
        moved += some.update(line_state=state)
    if moved < len(ids):
        raise LinesMoved(lines=len(ids), missing=len(ids) - moved, state=state)
    return moved
