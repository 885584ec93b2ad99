"""What is written of a change: the want as it was, as it became, when and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from procurement.pools import models
from procurement.pools.rules import Held

NOTHING = Held(Decimal(0), Decimal(0))


def held_by(rows: Sequence[models.Commitment]) -> Held:
    """Return what rows want together."""
    zero = Decimal(0)
    return Held(sum((row.quantity for row in rows), zero), sum((row.tolerance for row in rows), zero))


def note(
    of: models.Commitment, what: str, before: Held, after: Held, *, by: str, at: datetime, why: str = ""
) -> models.CommitmentChange:
    """Keep one change of the want that the row `of` belongs to."""
    return models.CommitmentChange.objects.create(
        pool_id=of.pool_id,
        buyer_id=of.buyer_id,
        line_id=of.line_id,
        what=what,
        from_quantity=before.quantity,
        to_quantity=after.quantity,
        from_tolerance=before.tolerance,
        to_tolerance=after.tolerance,
        by=by,
        at=at,
        why=why[:300],
    )
