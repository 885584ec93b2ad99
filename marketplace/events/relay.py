"""The relay: hands recorded facts to their handlers, each handler once a fact, whoever else is relaying."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from marketplace.events import models
from marketplace.events.registry import HANDLERS, SWEEPS, Fact, Handler, name_of

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BACKOFF = timedelta(seconds=2)
LONGEST_BACKOFF = timedelta(hours=1)


def relay_due(*, at: datetime, limit: int = 200) -> int:
    """Hand on up to `limit` facts that are due, oldest first; return how many were claimed and tried."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
    due = models.OutboxEvent.objects.filter(free, relayed_at__isnull=True, due_at__lte=at)
    tried = 0
    for pk in list(due.order_by("id").values_list("pk", flat=True)[:limit]):
        mine = models.OutboxEvent.objects.filter(free, pk=pk, relayed_at__isnull=True)
        if mine.update(claimed_until=at + LEASE, attempts=F("attempts") + 1):
            tried += 1
            _deliver(models.OutboxEvent.objects.get(pk=pk), at)
    return tried


def _deliver(event: models.OutboxEvent, at: datetime) -> None:
    fact = Fact(event.pk, event.name, event.source_ref, event.payload, event.recorded_at)
    errors = [error for handler in HANDLERS.get(event.name, ()) if (error := _hand_over(handler, fact, at))]
    mine = models.OutboxEvent.objects.filter(pk=event.pk)
    if errors:
        pause = min(BACKOFF * 2 ** min(event.attempts, 12), LONGEST_BACKOFF)
        mine.update(claimed_until=None, due_at=at + pause, last_error="; ".join(errors)[:4000])
    else:
        mine.update(claimed_until=None, relayed_at=at, last_error="")


def _hand_over(handler: Handler, fact: Fact, at: datetime) -> str:
    """Run one handler in one transaction with its inbox row; return what went wrong, or nothing."""
    name = name_of(handler)
    if models.InboxEntry.objects.filter(handler=name, event_id=fact.id).exists():
        return ""
    try:
        with transaction.atomic():
            models.InboxEntry.objects.create(handler=name, event_id=fact.id, handled_at=at)
            handler(fact)
    except IntegrityError:
        if models.InboxEntry.objects.filter(handler=name, event_id=fact.id).exists():
            return ""
        log.exception("handler.failed", extra={"handler": name, "fact": fact.id})
        return f"{name}: integrity error"
    except Exception as error:
        log.exception("handler.failed", extra={"handler": name, "fact": fact.id})
        return f"{name}: {error}"
    return ""


def drain(*, at: datetime, clock: Callable[[], datetime] | None = None, rounds: int = 10_000) -> int:
    """Relay until nothing is due; return how many hand-overs were tried. Facts that a handler records are relayed too.

    :raises RuntimeError: still not quiet after `rounds` rounds.
    """
    tried = 0
    for _ in range(rounds):
        now = clock() if clock else at
        count = relay_due(at=now)
        if not count:
            return tried
        tried += count
    raise RuntimeError("the outbox does not come to rest")


def sweep(*, at: datetime) -> dict[str, int]:
    """Ask every app to see to what is overdue; one that fails does not keep the others from their turn."""
    found: dict[str, int] = {}
    for look in SWEEPS:
        try:
            found[name_of(look)] = look(at)
        except Exception:
            log.exception("sweep.failed", extra={"sweep": name_of(look)})
            found[name_of(look)] = -1
    return found
