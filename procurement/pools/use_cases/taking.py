"""Taking a part of a pool, giving it back, or both: one conditional update, the first write of its transaction."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from marketplace.foundation.fields import more
from marketplace.kernel.refusals import Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from procurement.pools import models, rules
from procurement.pools.states import JOINABLE, LIVE, PoolState

MOST_JOINED = Decimal(9 * 10**12)  # what the column holds
TRIES = 8  # how often a change is decided anew because others changed the pool meanwhile


class PoolFull(Refusal):
    """The pool has less left than was asked for."""

    code = "pool_full"
    words = gettext_noop("Only {remaining} {unit} are left in {pool}; {asked} were asked for.")


class PoolFrozenAlready(Refusal):
    """The time to join or leave is over."""

    code = "pool_frozen"
    words = gettext_noop("{pool} takes no more changes since {freeze_at} (it is {state}).")


class OnlyWhatFills(Refusal):
    """In its filling phase a pool takes only what reduces its shortage."""

    code = "only_what_fills"
    words = gettext_noop("{pool} is filling: it takes only changes that reduce what is missing, {missing} {unit} now.")


class BeyondMemberLimit(Refusal):
    """A sample pool gives so much a member at most."""

    code = "beyond_member_limit"
    words = gettext_noop("{pool} gives {limit} {unit} a member at most; this would be {asked}.")


def take(pool: models.Pool, firm: Decimal, tolerance: Decimal, *, at: datetime) -> None:
    """Change the pool's sums by these amounts (negative: give back), if it still takes such a change.

    The update carries everything the decision rests on: that the pool takes changes, that there is room, and in the
    filling phase the very sums for which the change reduces the shortage; if these have moved, it is decided anew.

    :raises PoolFull: less is left; the fact `remaining` says how much.
    :raises PoolFrozenAlready: it no longer takes changes.
    :raises OnlyWhatFills: it is filling, and the change does not reduce its shortage.
    :raises StaleWrite: others were faster, again and again; or less stands there than is given back.
    """
    for _ in range(TRIES):
        rows = _joinable(pool, firm, tolerance, at)
        if is_filling(pool, at):
            _must_fill(pool, firm, tolerance)
            rows = rows.filter(joined=pool.joined, tolerance_joined=pool.tolerance_joined)
        else:
            rows = rows.filter(Q(fills_from__isnull=True) | Q(fills_from__gt=at), state=PoolState.OPEN.value)
        if rows.update(joined=more("joined", firm), tolerance_joined=more("tolerance_joined", tolerance)):
            return
        pool.refresh_from_db()
        _explain_no(pool, firm, at)
    raise StaleWrite(ref=pool.ref, revision=pool.revision)


def hold_open(pool: models.Pool, *, at: datetime) -> None:
    """Hold the row of a pool that takes changes, so that it neither freezes nor changes within this transaction.

    :raises PoolFrozenAlready: it no longer takes changes.
    """
    nothing = Decimal(0)
    if not _joinable(pool, nothing, nothing, at).update(joined=more("joined", nothing)):
        pool.refresh_from_db()
        raise PoolFrozenAlready(pool=pool.ref, state=pool.state, freeze_at=pool.freeze_at.isoformat())


def is_filling(pool: models.Pool, at: datetime) -> bool:
    """Return whether only changes that reduce the shortage are taken, whether a sweep has come by already or not."""
    return pool.state == PoolState.FILLING or (pool.fills_from is not None and pool.fills_from <= at)


def _joinable(pool: models.Pool, firm: Decimal, tolerance: Decimal, at: datetime) -> QuerySet[models.Pool]:
    rows = models.Pool.objects.filter(pk=pool.pk, state__in=JOINABLE, freeze_at__gt=at)
    if firm > 0:
        rows = rows.filter(joined__lte=MOST_JOINED - firm)
        rows = rows.filter(Q(capacity__isnull=True) | Q(capacity__gte=more("joined", firm)))
    if firm < 0:
        rows = rows.filter(joined__gte=-firm)
    return rows.filter(tolerance_joined__gte=-tolerance) if tolerance < 0 else rows


def _must_fill(pool: models.Pool, firm: Decimal, tolerance: Decimal) -> None:
    sums, terms = rules.Sums(pool.joined, pool.tolerance_joined), {"pack": pool.pack_size, "minimum": pool.minimum}
    if not rules.eases(sums, firm, tolerance, **terms):
        raise OnlyWhatFills(pool=pool.ref, missing=rules.missing_text(sums, **terms), unit=pool.unit)


def _explain_no(pool: models.Pool, firm: Decimal, at: datetime) -> None:
    """Say why a change was not taken, unless it is worth deciding anew."""
    if pool.state not in JOINABLE or pool.freeze_at <= at:
        raise PoolFrozenAlready(pool=pool.ref, state=pool.state, freeze_at=pool.freeze_at.isoformat())
    if firm > 0 and pool.capacity is not None and pool.joined + firm > pool.capacity:
        left = rules.trimmed(pool.capacity - pool.joined)
        raise PoolFull(pool=pool.ref, remaining=left, asked=rules.trimmed(firm), unit=pool.unit)


def must_keep_limit(pool: models.Pool, buyer_id: int) -> None:
    """Pass while all that a buyer wants of the pool keeps to what a member may have; after the pool was taken from.

    :raises BeyondMemberLimit: it does not.
    """
    if pool.member_limit is None:
        return
    mine = models.Commitment.objects.filter(pool=pool, buyer_id=buyer_id, state__in=LIVE)
    asked = mine.aggregate(sum=Sum("quantity"))["sum"] or Decimal(0)
    if asked > pool.member_limit:
        raise BeyondMemberLimit(
            pool=pool.ref, limit=rules.trimmed(pool.member_limit), asked=rules.trimmed(asked), unit=pool.unit
        )
