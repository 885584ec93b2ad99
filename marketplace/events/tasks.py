"""Celery shells around the relay and the sweep."""

from __future__ import annotations

from celery import shared_task

from marketplace.events import relay
from marketplace.kernel import clock


@shared_task(ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def relay_outbox() -> None:
    """Hand on what is due. Safe to deliver twice or never: beat rings again."""
    relay.relay_due(at=clock.now())


@shared_task(ignore_result=True)
def sweep_overdue() -> None:
    """Beat: re-ring whatever is overdue, then relay what that brought."""
    relay.sweep(at=clock.now())
    relay.relay_due(at=clock.now())
