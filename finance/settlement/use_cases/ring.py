"""The doorbell: tell a worker that a step is waiting. Rows are the truth; a lost ring only delays."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from finance.settlement import models
from finance.settlement.states import RESTING
from marketplace.events.use_cases import bell_rings

log = logging.getLogger(__name__)
TASK = "finance.settlement.tasks.take_step_task"
RING_AGAIN = timedelta(seconds=25)
MOST = 500


def ring(step_ids: Sequence[int]) -> None:
    """Ring for these steps when the transaction under way commits."""
    if bell_rings():
        transaction.on_commit(lambda: _ring(step_ids), robust=True)


def _ring(step_ids: Sequence[int]) -> None:
    from celery import current_app

    for step_id in step_ids:
        try:
            current_app.send_task(TASK, args=[step_id], ignore_result=True)
        except Exception:
            log.warning("doorbell.unheard", exc_info=True)
            return


@transaction.atomic
def ring_overdue(*, at: datetime) -> int:
    """Ring for the steps that nobody is at and that were not rung for lately; return how many that were."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=at)
    waiting = models.SettlementStep.objects.filter(free, due_at__lte=at).exclude(state__in=RESTING)
    ids = list(waiting.order_by("due_at", "pk").values_list("pk", flat=True)[:MOST])
    models.SettlementStep.objects.filter(pk__in=ids).update(due_at=at + RING_AGAIN)
    ring(ids)
    return len(ids)
