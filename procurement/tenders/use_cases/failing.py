"""Letting a tender's pools go when it comes to nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from marketplace.events import use_cases as events_
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.tenders import events, models
from procurement.tenders.use_cases.loading import pool_refs


def fail_tender(tender: models.Tender, *, why: str, by: str, at: datetime) -> None:
    """End an opened tender that nobody can deliver; its pools fail and release their members' deposits."""
    tender.move("fail", by=by, at=at, why=why)
    release_pools(tender, pool_refs(tender), why=why, by=by, at=at)
    events_.record(events.TenderFailed(tender.ref, why), source_ref=tender.ref, at=at)


def release_pools(tender: models.Tender, refs: Collection[str], *, why: str, by: str, at: datetime) -> None:
    """Fail these pools of the tender, unless they have come to nothing by themselves; they are free of it."""
    gone = ended(refs)
    for ref in refs:
        if ref in gone:
            continue
        pools_.fail_pool(pool_ref=ref, why=why, by=by, at=at)
    models.LotPool.objects.filter(lot__tender=tender, pool_ref__in=refs).update(live=False)


def ended(refs: Collection[str]) -> set[str]:
    """Return the pools among these that came to nothing by themselves: their last member left, or staff failed them."""
    return {ref for ref, pool in pools.pools(refs).items() if pool.state in {"failed", "merged"}}
