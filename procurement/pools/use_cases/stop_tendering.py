"""Take pools back from a tender: its award does not stand, or it came to nothing and another one is to follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from marketplace.events import use_cases as events_
from procurement.pools import events
from procurement.pools.use_cases.loading import load_pool


@transaction.atomic
def retract_award(*, pool_refs: Sequence[str], why: str, by: str, at: datetime) -> None:
    """Take the award of pools back: they are being tendered again, their price is unknown. All of them or none.

    Members that dropped out at the price that does not stand stay free; what others were cut to stays cut.

    :raises NotFound: one does not exist.
    :raises IllegalMove: one is not awarded, or ordered already.
    """
    for ref in sorted(pool_refs):
        load_pool(ref).move("retract_award", by=by, at=at, why=why, unit_price=None)
        events_.record(events.PoolAwardRetracted(ref, why), source_ref=ref, at=at)


@transaction.atomic
def stop_tendering(*, pool_refs: Sequence[str], why: str, by: str, at: datetime) -> None:
    """Let pools wait frozen, their members bound, until another tender takes them. All of them or none.

    :raises NotFound: one does not exist.
    :raises IllegalMove: one is not being tendered.
    """
    for ref in sorted(pool_refs):
        load_pool(ref).move("stop_tendering", by=by, at=at, why=why, tender_ref="")
