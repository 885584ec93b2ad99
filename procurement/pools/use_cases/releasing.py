"""Letting members go: their quantity, their deposit, their line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from finance.ledger import use_cases as ledger_
from marketplace.foundation.fields import less
from marketplace.foundation.models import move_all
from marketplace.kernel.refusals import BadValue
from procurement.demand import use_cases as demand_
from procurement.engines.reasons import Reason
from procurement.pools import models, queries, rules
from procurement.pools.states import LIVE
from procurement.pools.use_cases.loading import write


def release(pool: models.Pool, why: Mapping[models.Commitment, Reason], *, by: str, at: datetime) -> None:
    """Drop the rows named in `why`: void their deposits, take them out of the pool's sums, and open the lines of which
    no row is left.

    In the caller's transaction, after its `move` of the pool.
    """
    if not why:
        return
    joined = sum((member.quantity for member in why), Decimal(0))
    ordered = sum((member.allocated for member in why), Decimal(0))
    tolerance = sum((member.tolerance for member in why), Decimal(0))
    models.Pool.objects.filter(pk=pool.pk).update(
        joined=less("joined", joined),
        tolerance_joined=less("tolerance_joined", tolerance),
        ordered=less("ordered", ordered),
    )
    by_code: dict[str, list[models.Commitment]] = {}
    for member, reason in why.items():
        if member.deposit_minor:
            ledger_.void_hold(key=rules.deposit_key(member.ref), by=by, at=at, why=reason.code)
        by_code.setdefault(reason.code, []).append(member)
        member.reasons = [*member.reasons, reason.to_json()]
    for code, some in by_code.items():
        move_all(some, "drop", by=by, at=at, why=code, dropped_for=code, allocated=Decimal(0), deposit_minor=0)
        write(some, "reasons")
    open_lines(why)
    pool.refresh_from_db()


def cut_to(pool: models.Pool, less_of: Mapping[models.Commitment, tuple[Decimal, Reason]]) -> None:
    """Give bound rows less than they were allocated, each with its reason; the pool orders as much less.

    In the caller's transaction, after its `move` of the pool.

    :raises BadValue: nothing, or more than the row had.
    """
    if not less_of:
        return
    for member, (quantity, why) in less_of.items():
        if not 0 < quantity <= member.allocated:
            raise BadValue(place=member.ref, value=quantity, reason=f"not within {rules.plain(member.allocated)}")
        member.reasons = [*member.reasons, why.to_json()]
    saved = sum((member.allocated - quantity for member, (quantity, _) in less_of.items()), Decimal(0))
    for member, (quantity, _) in less_of.items():
        member.allocated, member.revision = quantity, member.revision + 1
    write(list(less_of), "allocated", "reasons", "revision")
    models.Pool.objects.filter(pk=pool.pk).update(ordered=less("ordered", saved))
    pool.refresh_from_db()


def open_lines(gone: Iterable[models.Commitment]) -> None:
    """Open the lines of rows that count no longer, unless another row of the line still does."""
    lines = {row.line_id for row in gone if row.line_id is not None}
    for some in queries.slices(sorted(lines)):
        held = models.Commitment.objects.filter(line_id__in=some, state__in=LIVE).values_list("line_id", flat=True)
        demand_.mark_lines(line_ids=sorted(set(some) - set(held)), state="open")
