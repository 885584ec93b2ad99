"""A request is approved by somebody whose spending limit covers it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.events.use_cases import record
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.demand import events, models, queries, rules
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
    cost = queries.cost_of(request.ref)
    if cost.unpriced:
        raise Unpriced(ref=request.ref, position=cost.unpriced[0])
    for currency, amount in cost.total.items():
        if currency != limit.currency or amount > limit.amount:
            raise BeyondSpendingLimit(ref=request.ref, cost=f"{currency} {rules.plain(amount)}", limit=str(limit))
