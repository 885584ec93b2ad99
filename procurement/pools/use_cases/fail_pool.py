"""End a pool that comes to nothing, and let its members go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.events import use_cases as events_
from procurement.engines.reasons import Reason
from procurement.pools import events, models
from procurement.pools.use_cases.loading import load_pool, members_in_turn
from procurement.pools.use_cases.releasing import release


@transaction.atomic
def fail_pool(*, pool_ref: str, why: str = "", by: str, at: datetime) -> None:
    """End the pool; deposits held are released without penalty, members dropped, their lines open again.

    :raises NotFound: no such pool.
    :raises IllegalMove: it has been ordered, or ended before.
    """
    pool = load_pool(pool_ref)
    pool.move("fail", by=by, at=at, why=why)
    let_everybody_go(pool, why=Reason("pool_failed", {"why": why}), by=by, at=at)


def let_everybody_go(pool: models.Pool, *, why: Reason, by: str, at: datetime) -> None:
    """Release every live member of a pool that has just failed, and record the fact."""
    release(pool, dict.fromkeys(members_in_turn(pool), why), by=by, at=at)
    events_.record(events.PoolFailed(pool.ref, why.to_json()), source_ref=pool.ref, at=at)
