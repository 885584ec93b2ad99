"""Celery shells of pools."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from marketplace.kernel import clock
from marketplace.kernel.refusals import IllegalMove, StaleWrite
from procurement.pools import use_cases


@shared_task(ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def freeze_one_pool(*, pool_ref: str, by: str, at: str | None = None) -> None:
    """Freeze one pool. Safe to deliver twice: the second run finds it frozen."""
    moment = datetime.fromisoformat(at) if at else clock.now()
    try:
        use_cases.freeze_pool(pool_ref=pool_ref, by=by, at=moment)
    except (IllegalMove, StaleWrite):
        return
