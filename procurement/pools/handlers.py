"""What pools see to without being asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
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
    return _each(queries.due_to_freeze(at), use_cases.freeze_pool, at)


@sweeps
def fill_due_pools(at: datetime) -> int:
    """Let pools whose filling phase has come take only what they lack; return how many."""
    return _each(queries.due_to_fill(at), use_cases.start_filling, at)


def _each(refs: Sequence[str], deed: Callable[..., object], at: datetime) -> int:
    """Do a deed with each pool, each in a transaction of its own; what one of them trips over holds up no other."""
    done = 0
    for ref in refs[:AT_ONE_SWEEP]:
        try:
            deed(pool_ref=ref, by=SYSTEM, at=at)
            done += 1
        except Refusal as refusal:
            log.info("pool.sweep.skipped", extra={"pool": ref, "code": refusal.code})
        except Exception:
            log.exception("pool.sweep.failed", extra={"pool": ref})
    return done


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
