"""Turn an awarded pool into an order: deposits become advances."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from finance.ledger import use_cases as ledger_
from marketplace.foundation.models import move_all
from marketplace.kernel.clock import business_date
from procurement.demand import use_cases as demand_
from procurement.pools import rules
from procurement.pools.use_cases.loading import load_pool, members_in_turn


@transaction.atomic
def mark_ordered(*, pool_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Mark the pool and its members' commitments ordered, and apply the deposits held (postings, row 2).

    :raises NotFound: no such pool.
    :raises IllegalMove: it has not been awarded, or was ordered before.
    """
    pool = load_pool(pool_ref)
    pool.move("order", by=by, at=at, why=why)
    members = members_in_turn(pool)
    for member in members:
        if member.deposit_minor:
            ledger_.post_hold(key=rules.deposit_key(member.ref), booked_on=business_date(at), by=by, at=at)
    move_all(members, "order", by=by, at=at)
    demand_.mark_lines(line_ids=[member.line_id for member in members if member.line_id is not None], state="ordered")
