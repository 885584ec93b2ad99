"""What pools see to without being asked."""

from __future__ import annotations

import logging
from datetime import datetime

from marketplace.events.registry import sweeps
from marketplace.kernel.refusals import Refusal
from procurement.pools import queries, use_cases

log = logging.getLogger(__name__)

FREEZER = "system:pools"


@sweeps
def freeze_due_pools(at: datetime) -> int:
    """Freeze every pool whose time has come; return how many. Whoever sweeps at the same time finds them frozen."""
    frozen = 0
    for ref in queries.due_to_freeze(at):
        try:
            use_cases.freeze_pool(pool_ref=ref, by=FREEZER, at=at)
            frozen += 1
        except Refusal as refusal:
            log.info("pool.freeze.skipped", extra={"pool": ref, "code": refusal.code})
    return frozen
