"""Want more or less of a pool: a raise is a row of its own, a decrease is taken from the newest rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import BadValue, IllegalMove, StaleWrite
from marketplace.parties import queries as parties
from procurement.engines.wants import Entry
from procurement.pools import models, rules
from procurement.pools.rules import Held
from procurement.pools.states import GONE, LIVE
from procurement.pools.use_cases.join_pool import add_rows, check_terms
from procurement.pools.use_cases.lines import approved_line
from procurement.pools.use_cases.loading import load_commitment, must_be_exact
from procurement.pools.use_cases.recording import held_by, note
from procurement.pools.use_cases.taking import must_keep_limit, take

NOTHING = Decimal(0)


def raise_commitment(
    *,
    commitment_ref: str,
    quantity: Decimal = NOTHING,
    tolerance: Decimal = NOTHING,
    ceiling: Rate | None = None,
    spending_limit: Money | None = None,
    revision: int | None = None,
    by: str,
    at: datetime,
) -> str:
    """Want so much more, in a row of its own that queues behind whoever came before; return its ref.

    commitment_ref  any live row of the want
    quantity, tolerance  the increase alone, >= 0, not both nothing
    ceiling         of the new row; that of the row named where none is given
    spending_limit  what the member may commit to by hand, all rows together
    revision        of the row named, when the change was decided on it; None: whatever it is now

    :raises BadValue: an increase that cannot be, or goes beyond what was approved for its line.
    :raises StaleWrite: the row has another revision by now.
    :raises BeyondLimit, BeyondMemberLimit, PoolFull, PoolFrozenAlready, OnlyWhatFills: see `join_pool`.
    """
    for place, amount in (("quantity", quantity), ("tolerance", tolerance)):
        must_be_exact(place, amount)
    return _change(
        commitment_ref,
        quantity,
        tolerance,
        ceiling=ceiling,
        spending_limit=spending_limit,
        what="raise",
        revision=revision,
        by=by,
        at=at,
    )


def lower_commitment(
    *,
    commitment_ref: str,
    quantity: Decimal = NOTHING,
    tolerance: Decimal = NOTHING,
    revision: int | None = None,
    by: str,
    at: datetime,
) -> str:
    """Want so much less; it is taken from the newest rows, and rows that are empty leave; return the oldest row's ref.

    :raises BadValue: a decrease that cannot be, or is more than is wanted.
    :raises StaleWrite: the row has another revision than `revision` by now.
    :raises PoolFrozenAlready, OnlyWhatFills: see `join_pool`.
    """
    for place, amount in (("quantity", quantity), ("tolerance", tolerance)):
        must_be_exact(place, amount)
    return _change(commitment_ref, -quantity, -tolerance, what="lower", revision=revision, by=by, at=at)


def change_commitment(
    *,
    commitment_ref: str,
    quantity: Decimal,
    tolerance: Decimal | None = None,
    ceiling: Rate | None = None,
    spending_limit: Money | None = None,
    revision: int | None = None,
    by: str,
    at: datetime,
) -> str:
    """Want this much in all from now on: raise, lower, or turn tolerance into firm quantity at one go.

    quantity, tolerance  the want's new totals, >= 0; None leaves the tolerance as it is
    returns              the ref of the row that was added, else of the oldest row

    :raises BadValue: a total that cannot be, or more than was approved; nothing at all (leave instead).
    :raises StaleWrite: a twin changed it meanwhile.
    :raises BeyondLimit, BeyondMemberLimit, PoolFull, PoolFrozenAlready, OnlyWhatFills: see `join_pool`.
    """
    now = held_by(rows_of(load_commitment(commitment_ref)))
    wanted = Held(quantity, now.tolerance if tolerance is None else tolerance)
    for place, amount in zip(Held._fields, wanted, strict=True):
        must_be_exact(place, amount)
    return _change(
        commitment_ref,
        wanted.quantity - now.quantity,
        wanted.tolerance - now.tolerance,
        ceiling=ceiling,
        spending_limit=spending_limit,
        what="change",
        expected=now,
        revision=revision,
        by=by,
        at=at,
    )


def rows_of(commitment: models.Commitment) -> list[models.Commitment]:
    """Return the live rows of the want that a commitment belongs to, oldest first."""
    same = models.Commitment.objects.filter(pool_id=commitment.pool_id, buyer_id=commitment.buyer_id)
    return list(same.filter(line_id=commitment.line_id, state__in=LIVE).order_by("entry", "id"))


@transaction.atomic
def _change(
    commitment_ref: str,
    quantity: Decimal,
    tolerance: Decimal,
    *,
    ceiling: Rate | None = None,
    spending_limit: Money | None = None,
    what: str,
    expected: Held | None = None,
    revision: int | None = None,
    by: str,
    at: datetime,
) -> str:
    """Take the change from the pool, then write it into the rows; the pool's row is held from the first write on."""
    named = load_commitment(commitment_ref)
    if named.state in GONE:
        raise IllegalMove(machine="commitment", state=named.state, verb=what)
    if not quantity and not tolerance:
        raise BadValue(place="quantity", value="0", reason="nothing would change")
    if ceiling is not None and ceiling.currency != named.pool.currency:
        raise BadValue(place="ceiling", value=ceiling.currency, reason=f"the pool trades in {named.pool.currency}")
    take(named.pool, quantity, tolerance, at=at)
    rows = rows_of(named)
    if revision is not None and all((row.pk, row.revision) != (named.pk, revision) for row in rows):
        raise StaleWrite(ref=named.ref, revision=revision)
    before = held_by(rows)
    _must_stand(named, before, expected, quantity, tolerance)
    _lower(rows, max(-quantity, NOTHING), max(-tolerance, NOTHING), by=by, at=at)
    added = _raise(
        named,
        rows,
        Held(max(quantity, NOTHING), max(tolerance, NOTHING)),
        ceiling,
        spending_limit=spending_limit,
        by=by,
        at=at,
    )
    note(named, what, before, Held(before.quantity + quantity, before.tolerance + tolerance), by=by, at=at)
    return added or rows[0].ref


def _must_stand(
    named: models.Commitment, before: Held, expected: Held | None, quantity: Decimal, tolerance: Decimal
) -> None:
    """Refuse a change that was decided on other rows than there are, or that takes more than there is."""
    if expected is not None and before != expected:
        raise StaleWrite(ref=named.ref, revision=named.revision)
    after = Held(before.quantity + quantity, before.tolerance + tolerance)
    for place, was, amount in zip(Held._fields, before, after, strict=True):
        if amount < 0:
            raise BadValue(place=place, value=rules.plain(amount - was), reason=f"only {rules.plain(was)} is wanted")
    if not after.quantity:
        raise BadValue(place="quantity", value="0", reason="nothing would be left: leave the pool instead")


def _lower(rows: Sequence[models.Commitment], quantity: Decimal, tolerance: Decimal, *, by: str, at: datetime) -> None:
    if not quantity and not tolerance:
        return
    left = rules.lowered([Held(row.quantity, row.tolerance) for row in rows], quantity, tolerance)
    for row, held in zip(rows, left, strict=True):
        if not any(held):
            row.move("leave", by=by, at=at)
        elif held != (row.quantity, row.tolerance):
            mine = models.Commitment.objects.filter(pk=row.pk, revision=row.revision)
            if not mine.update(quantity=held.quantity, tolerance=held.tolerance, revision=row.revision + 1):
                raise StaleWrite(ref=row.ref, revision=row.revision)
            row.quantity, row.tolerance, row.revision = held.quantity, held.tolerance, row.revision + 1


def _count_up(rows: Sequence[models.Commitment]) -> None:
    """Give the rows of a want that grows new revisions, so that who saw the old ones does not change it unseen."""
    models.Commitment.objects.filter(pk__in=[row.pk for row in rows]).update(revision=F("revision") + 1)


def _raise(
    named: models.Commitment,
    rows: Sequence[models.Commitment],
    rise: Held,
    ceiling: Rate | None,
    *,
    spending_limit: Money | None,
    by: str,
    at: datetime,
) -> str:
    """Add the row of an increase, when there is any, and return its ref."""
    if not any(rise):
        return ""
    entry = Entry(*rise, named.ceiling if ceiling is None else ceiling.amount)
    standing = [Entry(row.quantity, row.tolerance, row.ceiling) for row in rows if row.state in LIVE]
    line = None
    if named.line_id is not None:
        line = approved_line(named.pool, named.line_id, parties.ref_of(named.buyer_id), by=by)
    check_terms(named.pool, [*standing, entry], line, spending_limit, rows=2)
    _count_up(rows)
    named.joined_at, named.joined_by, named.reasons = at, by, []
    every = models.Commitment.objects.filter(
        pool_id=named.pool_id, buyer_id=named.buyer_id, line_id=named.line_id
    ).order_by("-entry")
    last = every.values_list("entry", flat=True).first() or 0
    [row] = add_rows(named, [entry], first=last + 1, at=at)
    must_keep_limit(named.pool, named.buyer_id)
    return row.ref
