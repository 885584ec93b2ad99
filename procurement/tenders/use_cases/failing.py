"""Letting a tender's pools go when it comes to nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from marketplace.events import use_cases as events_
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.tenders import events, models
from procurement.tenders.rules.procedures import Conditions
from procurement.tenders.rules.words import FAILED
from procurement.tenders.use_cases.bonds import release_bonds
from procurement.tenders.use_cases.interest import tell_interested
from procurement.tenders.use_cases.loading import pool_refs


def fail_tender(tender: models.Tender, *, why: str, by: str, at: datetime) -> None:
    """End an opened tender that nobody can deliver; its pools fail and release their members' deposits."""
    tender.move("fail", by=by, at=at, why=why)
    release_pools(tender, pool_refs(tender), why=why, by=by, at=at)
    release_bonds(tender, why="failed", by=by, at=at)
    tell_interested(tender, FAILED, at=at, why=why)
    events_.record(events.TenderFailed(tender.ref, why), source_ref=tender.ref, at=at)


def release_pools(tender: models.Tender, refs: Collection[str], *, why: str, by: str, at: datetime) -> None:
    """Let these pools of the tender go, unless they have come to nothing by themselves; they are free of it.

    They fail; where the tender's conditions keep pools, they wait frozen to be tendered again.
    """
    gone = ended(refs)
    left = [ref for ref in refs if ref not in gone]
    if Conditions.read(tender.conditions).keeps_pools:
        awarded = [ref for ref, pool in pools.pools(left).items() if pool.state == "awarded"]
        pools_.retract_award(pool_refs=awarded, why=why, by=by, at=at)
        pools_.stop_tendering(pool_refs=left, why=why, by=by, at=at)
    else:
        for ref in left:
            pools_.fail_pool(pool_ref=ref, why=why, by=by, at=at)
    models.LotPool.objects.filter(lot__tender=tender, pool_ref__in=refs).update(live=False)


def ended(refs: Collection[str]) -> set[str]:
    """Return the pools among these that came to nothing by themselves: their last member left, or staff failed them."""
    return {ref for ref, pool in pools.pools(refs).items() if pool.state in {"failed", "merged"}}
