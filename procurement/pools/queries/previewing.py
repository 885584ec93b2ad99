"""Who would get what, said before it is decided."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from marketplace.kernel.refusals import IllegalMove, NotFound
from procurement.pools import models
from procurement.pools.rules import Plan, Want, plan_packs, smaller_arrival
from procurement.pools.rules.allocation import plan_as_bound
from procurement.pools.rules.market import in_tenths, part_of
from procurement.pools.states import ENDED, JOINABLE, LIVE, PoolState


def preview(pool_ref: str, at: datetime, *, available: Decimal | None = None) -> Plan:
    """Return what the pool would order if it froze now, and the share of each row by commitment ref, with its reason.

    available   instead, who would get what if of that order only so much came, >= 0, in the pool's unit; taken in whole
                tenths of the order, so that nobody finds others' quantities by trying

    Of a pool that is frozen already, it is what its rows are bound to. Deposits are left aside: who has no cover at
    freezing is out, and the rest shared anew.

    :raises NotFound: there is no such pool.
    :raises IllegalMove: it came to nothing, or all of it has come.
    """
    pool = models.Pool.objects.filter(ref=pool_ref).first()
    if pool is None:
        raise NotFound(what="pool", ref=pool_ref)
    if pool.state in ENDED or pool.state in {PoolState.FULFILLED, PoolState.SETTLED}:
        raise IllegalMove(machine="pool", state=pool.state, verb="preview")
    wants = wants_of(pool)
    plan = plan_packs(wants, **terms_of(pool)) if pool.state in JOINABLE else plan_as_bound(wants, pool.allocation_rule)
    if available is None or not plan.ordered:
        return plan
    percent = in_tenths(min(available / plan.ordered, Decimal(1)) * 100)
    return smaller_arrival(plan, wants, part_of(plan.ordered, percent))


def terms_of(pool: models.Pool) -> dict[str, Any]:
    """Return what a pool's packs are counted and shared by."""
    return {
        "pack": pool.pack_size,
        "minimum": pool.minimum,
        "capacity": pool.capacity,
        "rule": pool.allocation_rule,
    }


def wants_of(pool: models.Pool) -> list[Want]:
    """Return the live rows of a pool as the rules take them, oldest first."""
    rows = pool.commitments.filter(state__in=LIVE).order_by("joined_at", "id")
    return [want_of(row) for row in rows]


def want_of(row: models.Commitment) -> Want:
    """Return what a row asked for and has got, as the allocation rules take it."""
    return Want(
        ref=row.ref,
        quantity=row.quantity,
        tolerance=row.tolerance,
        at=row.joined_at,
        order=row.pk,
        allocated=row.allocated,
        delivered=row.delivered,
        member=str(row.buyer_id),
        priority=row.priority,
    )
