"""Celery shells: a doorbell for each step."""

from __future__ import annotations

import os
import socket

from celery import shared_task

from finance.settlement import use_cases
from marketplace.kernel import clock


@shared_task(ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def take_step_task(step_id: int) -> None:
    """Take one step as far as it goes. Safe to deliver twice, late, or never: the sweep rings again."""
    use_cases.take_step(step_id=step_id, worker=f"worker:{socket.gethostname()[:40]}:{os.getpid()}", at=clock.now())
