"""Let the members of an ordered pool go of which nothing will come: what was paid in advance is theirs again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.foundation.models import move_all
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from procurement.engines.reasons import Reason
from procurement.pools import events, models, rules
from procurement.pools.use_cases.advances import give_back_advance
from procurement.pools.use_cases.loading import load_pool, members_in_turn, write
from procurement.pools.use_cases.releasing import open_lines
from procurement.pools.use_cases.telling import tell


class CameAlready(Refusal):
    """Some of it has come: what is due for that stays due."""

    code = "came_already"
    words = gettext_noop("{delivered} of {pool} have come already.")


@transaction.atomic
def release_ordered(*, pool_ref: str, why: str, by: str, at: datetime) -> None:
    """End an ordered pool of which nothing comes: advances become deposits again, lines are open again.

    :raises NotFound: no such pool.
    :raises IllegalMove: it is not ordered, or fulfilled already.
    :raises CameAlready: something of it was delivered.
    """
    pool = load_pool(pool_ref)
    if pool.delivered:
        raise CameAlready(pool=pool.ref, delivered=rules.trimmed(pool.delivered))
    pool.move("release", by=by, at=at, why=why)
    members = members_in_turn(pool)
    reason = Reason("pool_failed", {"why": why})
    for member in members:
        if member.deposit_minor:
            give_back_advance(pool, member, by=by, at=at)
        member.reasons = [*member.reasons, reason.to_json()]
    zero = Decimal(0)
    move_all(members, "release", by=by, at=at, why=why, dropped_for=reason.code, allocated=zero, deposit_minor=0)
    write(members, "reasons")
    models.Pool.objects.filter(pk=pool.pk).update(joined=zero, tolerance_joined=zero, ordered=zero)
    open_lines(members)
    tell(members, reason, about=pool.ref, at=at)
    events_.record(events.PoolFailed(pool.ref, reason.to_json()), source_ref=pool.ref, at=at)
