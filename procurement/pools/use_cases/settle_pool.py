"""Close the book on a pool."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.foundation.models import move_all
from procurement.pools import events
from procurement.pools.use_cases.loading import load_pool, members_in_turn


@transaction.atomic
def settle_pool(*, pool_ref: str, by: str, at: datetime) -> None:
    """Mark a fulfilled pool and its members' commitments settled.

    :raises NotFound: no such pool.
    :raises IllegalMove: it is not fulfilled, or was settled before.
    """
    pool = load_pool(pool_ref)
    pool.move("settle", by=by, at=at)
    move_all(members_in_turn(pool), "settle", by=by, at=at)
    events_.record(events.PoolSettled(pool.ref), source_ref=pool.ref, at=at)
