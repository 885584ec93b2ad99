"""A request is approved by somebody whose spending limit covers it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.catalogue import queries as catalogue
from marketplace.events.use_cases import record
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.demand import events, models, rules
from procurement.demand.states import LineState
from procurement.demand.use_cases.loading import load


class BeyondSpendingLimit(Refusal):
    """The request may cost more than the approver may spend."""

    code = "beyond_spending_limit"
    words = gettext_noop("{ref} may cost {cost}; you may approve up to {limit}.")


class Unpriced(Refusal):
    """Nobody can say what a line may cost, so no limit can cover it."""

    code = "unpriced"
    words = gettext_noop("Line {position} of {ref} has no ceiling price, and none is published: set one first.")


@transaction.atomic
def approve_request(*, request_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Let a submitted request join the demand, when the approver's spending limit covers what it may cost.

    A line may cost its ceiling, else the value its source states, else the published price. An approver without limit
    needs no prices; `system:` vouches for what it brings.

    :raises NotFound: no such request, or the approver is no member of the buyer.
    :raises BeyondSpendingLimit: it may cost more, or costs in another currency than the limit's.
    :raises Unpriced: a line's cost cannot be told.
    :raises StaleWrite: a line was changed meanwhile.
    """
    request = load(request_ref)
    buyer = parties.ref_of(request.buyer_id)
    if not by.startswith("system:"):
        limit = parties.spending_limit(by.removeprefix("user:"), buyer)
        if limit is not None:
            _must_cover(limit, request)
    request.move("approve", by=by, at=at, why=why)
    record(events.RequestApproved(request_ref, buyer), source_ref=request_ref, at=at)


def _must_cover(limit: Money, request: models.PurchaseRequest) -> None:
    for currency, cost in _cost(request).items():
        if currency != limit.currency or cost > limit.amount:
            raise BeyondSpendingLimit(ref=request.ref, cost=f"{currency} {rules.plain(cost)}", limit=str(limit))


def _cost(request: models.PurchaseRequest) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    lines = models.RequestLine.objects.filter(request=request).exclude(line_state=LineState.CANCELLED.value)
    for line in lines.order_by("position"):
        cost = _cost_of(line)
        if cost is None:
            raise Unpriced(ref=request.ref, position=line.position)
        total[line.currency] = total.get(line.currency, Decimal(0)) + cost
    return total


def _cost_of(line: models.RequestLine) -> Decimal | None:
    most = line.quantity + line.tolerance
    if line.ceiling is not None:
        return most * line.ceiling
    stated = rules.value_of(line.quantity, line.stated_value, line.unit_price)
    if stated is not None:
        return stated
    published = catalogue.price_list(line.product_id, line.currency) if line.product_id else []
    reached = [rate for least, rate in published if least <= line.quantity] or [rate for _, rate in published[:1]]
    return most * reached[-1].amount if reached else None
