"""Celery shells of pools."""

from __future__ import annotations

from celery import current_task, shared_task

from marketplace.kernel import clock
from procurement.pools import use_cases


@shared_task(ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def better_market_plan(plan_ref: str) -> None:
    """Decide the next waiting part of a plan. Safe to deliver twice or never: parts are claimed as rows."""
    worker = f"celery:{current_task.request.id}"
    use_cases.better_next_part(plan_ref=plan_ref, worker=worker, at=clock.now())
