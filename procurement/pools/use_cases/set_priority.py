"""Say who goes first in a pool that shares by priority."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from marketplace.kernel.refusals import BadValue
from procurement.pools import models
from procurement.pools.use_cases.change_commitment import rows_of
from procurement.pools.use_cases.loading import load_commitment
from procurement.pools.use_cases.recording import held_by, note
from procurement.pools.use_cases.taking import hold_open

MOST = 1_000


@transaction.atomic
def set_priority(*, commitment_ref: str, priority: int, why: str, by: str, at: datetime) -> None:
    """Give all rows of a want this priority while its pool takes changes; the higher goes first, 0 is everybody's.

    It counts only where the pool names the rule `priority`, which all members see before they join. The change is kept
    in the want's history with its reason.

    :raises NotFound: no such commitment.
    :raises BadValue: a priority below -1,000 or above 1,000, a pool that shares by another rule, or no reason.
    :raises PoolFrozenAlready: the pool no longer takes changes.
    """
    named = load_commitment(commitment_ref)
    rule = named.pool.allocation_rule
    for place, value, good, reason in (
        ("priority", priority, abs(priority) <= MOST, f"between -{MOST} and {MOST}"),
        ("rule", rule, rule == "priority", "the pool shares by another rule"),
        ("why", why, bool(why.strip()), "a reason is needed"),
    ):
        if not good:
            raise BadValue(place=place, value=value, reason=reason)
    hold_open(named.pool, at=at)
    rows = rows_of(named)
    every = models.Commitment.objects.filter(pk__in=[row.pk for row in rows])
    every.update(priority=priority, revision=F("revision") + 1)
    if rows:
        held = held_by(rows)
        note(named, "priority", held, held, by=by, at=at, why=f"{priority}: {why}")
