"""Letting members go: their quantity, their deposit, their line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from finance.ledger import use_cases as ledger_
from marketplace.foundation.fields import less
from marketplace.foundation.models import move_all
from procurement.demand import use_cases as demand_
from procurement.engines.reasons import Reason
from procurement.pools import models, rules
from procurement.pools.use_cases.loading import write


def release(pool: models.Pool, why: Mapping[models.Commitment, Reason], *, by: str, at: datetime) -> None:
    """Drop the members named in `why`: void their deposits, open their lines, and take them out of the pool's sums.

    In the caller's transaction, after its `move` of the pool.
    """
    if not why:
        return
    joined = sum((member.quantity for member in why), Decimal(0))
    ordered = sum((member.allocated for member in why), Decimal(0))
    models.Pool.objects.filter(pk=pool.pk).update(joined=less("joined", joined), ordered=less("ordered", ordered))
    by_code: dict[str, list[models.Commitment]] = {}
    for member, reason in why.items():
        if member.deposit_minor:
            ledger_.void_hold(key=rules.deposit_key(member.ref), by=by, at=at, why=reason.code)
        by_code.setdefault(reason.code, []).append(member)
        member.reasons = [*member.reasons, reason.to_json()]
    for code, some in by_code.items():
        move_all(some, "drop", by=by, at=at, why=code, dropped_for=code, allocated=Decimal(0), deposit_minor=0)
        write(some, "reasons")
    demand_.mark_lines(line_ids=[member.line_id for member in why if member.line_id is not None], state="open")
    pool.refresh_from_db()
