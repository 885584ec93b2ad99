"""What pools see to without being asked."""

from __future__ import annotations

import logging
from datetime import datetime

from marketplace.events.registry import sweeps
from marketplace.kernel.clock import business_date
from marketplace.kernel.refusals import Refusal
from procurement.pools import queries, use_cases
from procurement.pools.rules import FREEZES_BEFORE

log = logging.getLogger(__name__)

SYSTEM = "system:pools"
AT_ONE_SWEEP = 200


@sweeps
def freeze_due_pools(at: datetime) -> int:
    """Freeze pools whose time has come; return how many. Whoever sweeps at the same time finds them frozen."""
    frozen = 0
    for ref in queries.due_to_freeze(at)[:AT_ONE_SWEEP]:
        try:
            use_cases.freeze_pool(pool_ref=ref, by=SYSTEM, at=at)
            frozen += 1
        except Refusal as refusal:
            log.info("pool.freeze.skipped", extra={"pool": ref, "code": refusal.code})
    return frozen


@sweeps
def fill_due_pools(at: datetime) -> int:
    """Let pools whose filling phase has come take only what they lack; return how many."""
    filling = 0
    for ref in queries.due_to_fill(at)[:AT_ONE_SWEEP]:
        try:
            use_cases.start_filling(pool_ref=ref, by=SYSTEM, at=at)
            filling += 1
        except Refusal as refusal:
            log.info("pool.fill.skipped", extra={"pool": ref, "code": refusal.code})
    return filling


@sweeps
def pool_what_waits(at: datetime) -> int:
    """Pool approved demand by the standing rule of its category, while there is time before its window; return to how
    many pools it came."""
    try:
        refs = use_cases.open_pools_from_demand(
            after=business_date(at + FREEZES_BEFORE), window=None, freeze_at=FREEZES_BEFORE, by=SYSTEM, at=at
        )
    except use_cases.DemandMoved:
        return 0
    return len(refs)
