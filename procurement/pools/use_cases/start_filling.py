"""Begin the filling phase of a pool."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from procurement.pools.use_cases.loading import load_pool


@transaction.atomic
def start_filling(*, pool_ref: str, why: str = "", by: str, at: datetime) -> None:
    """From now on take only changes that reduce what the pool lacks.

    :raises NotFound: no such pool.
    :raises IllegalMove: it is not open, or filling already.
    """
    pool = load_pool(pool_ref)
    begins = at if pool.fills_from is None or pool.fills_from > at else pool.fills_from
    pool.move("fill", by=by, at=at, why=why, fills_from=begins)
