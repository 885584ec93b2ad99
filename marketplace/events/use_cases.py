"""Everything that can be done with facts: record them, count refs, remember answers."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from marketplace.events import models
from marketplace.kernel.refs import Ref
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

log = logging.getLogger(__name__)

_SILENT: ContextVar[bool] = ContextVar("silent", default=False)


class KeyReused(Refusal):
    """An idempotency key came back with another body."""

    code = "idempotency_key_reused"
    status = 422
    words = gettext_noop("The key {key} was used before for another request.")


def record(event: DataclassInstance, *, source_ref: str, at: datetime) -> None:
    """Keep `event` in the outbox, in the caller's transaction; ring the relay when it commits.

    :raises RuntimeError: there is no transaction to keep it in.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() needs the transaction of the deed it reports")
    models.OutboxEvent.objects.create(
        name=type(event).__qualname__, source_ref=source_ref, payload=_plain(asdict(event)), recorded_at=at, due_at=at
    )
    if bell_rings() and _ring not in [entry[1] for entry in connection.run_on_commit]:
        transaction.on_commit(_ring, robust=True)


def bell_rings() -> bool:
    """Return whether workers are to be told of what waits."""
    return bool(settings.RING_DOORBELL) and not _SILENT.get()


@contextmanager
def silently() -> Iterator[None]:
    """Ring for nobody meanwhile: who does all the work itself needs no workers."""
    token = _SILENT.set(True)
    try:
        yield
    finally:
        _SILENT.reset(token)


def _plain(value: Any) -> Any:
    """Return `value` as JSON keeps it: numbers of money as text, never as floats."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        raise TypeError("a float has no place in a fact")
    return value


def _ring() -> None:
    """Tell the relay that there is something to hand on; rows are the truth, so a lost ring only delays."""
    from marketplace.events.tasks import relay_outbox

    try:
        relay_outbox.delay()
    except Exception:
        log.warning("doorbell.unheard", exc_info=True)


def note_change(
    *, machine: str, ref: str, revision: int, verb: str, from_state: str, to_state: str, by: str, at: datetime, why: str
) -> None:
    """Add one step to the trail, in the transaction that takes it."""
    models.StateChange.objects.create(
        machine=machine,
        ref=ref,
        revision=revision,
        verb=verb,
        from_state=from_state,
        to_state=to_state,
        by=by,
        at=at,
        why=why,
    )


def note_changes(
    steps: Iterable[tuple[str, int, str]],
    *,
    machine: str,
    verb: str,
    to_state: str,
    by: str,
    at: datetime,
    why: str,
) -> None:
    """Add one step of many things to the trail; `steps` gives each thing's ref, new revision and state before."""
    rows = [
        models.StateChange(
            machine=machine,
            ref=ref,
            revision=revision,
            verb=verb,
            from_state=from_state,
            to_state=to_state,
            by=by,
            at=at,
            why=why,
        )
        for ref, revision, from_state in steps
    ]
    models.StateChange.objects.bulk_create(rows, batch_size=1_000)


def next_refs(prefix: str, count: int, *, at: datetime) -> list[str]:
    """Count `count` new refs such as `TD-2026-0012`, in the caller's transaction.

    A transaction that fails gives its numbers back, unless somebody counted on: refs are unique, not without gaps.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("refs are counted in the transaction of what they name")
    counter = models.RefCounter.objects.filter(prefix=prefix, year=at.year)
    if not counter.update(last=F("last") + count):
        models.RefCounter.objects.get_or_create(prefix=prefix, year=at.year)
        counter.update(last=F("last") + count)
    last = counter.values_list("last", flat=True).get()
    return [str(Ref(prefix, at.year, number)) for number in range(last - count + 1, last + 1)]


def next_ref(prefix: str, *, at: datetime) -> str:
    """Count one new ref (see `next_refs`)."""
    return next_refs(prefix, 1, at=at)[0]


def keep_answer(*, actor: str, key: str, request_sha256: str, status: int, answer: Any, at: datetime) -> None:
    """Remember the answer to a keyed request, in the transaction of its deed."""
    models.IdempotencyKey.objects.create(
        actor=actor, key=key, request_sha256=request_sha256, status=status, answer=answer, kept_at=at
    )


def kept_answer(*, actor: str, key: str, request_sha256: str) -> tuple[int, Any] | None:
    """Return the status and answer kept for a keyed request, None when it is new.

    :raises KeyReused: the key stands for another request.
    """
    kept = models.IdempotencyKey.objects.filter(actor=actor, key=key).first()
    if kept is None:
        return None
    if kept.request_sha256 != request_sha256:
        raise KeyReused(key=key)
    return kept.status, kept.answer


def fingerprint(*parts: str | bytes) -> str:
    """Return the SHA-256 of `parts`, each told apart from the next."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()
