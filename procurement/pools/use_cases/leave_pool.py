"""Leave a pool that has not frozen yet."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.kernel.refusals import IllegalMove, StaleWrite
from procurement.demand import use_cases as demand_
from procurement.pools.states import GONE
from procurement.pools.use_cases.change_commitment import rows_of
from procurement.pools.use_cases.loading import load_commitment
from procurement.pools.use_cases.recording import NOTHING, held_by, note
from procurement.pools.use_cases.taking import take


@transaction.atomic
def leave_pool(*, commitment_ref: str, by: str, at: datetime) -> None:
    """Give back to the pool all that the want reserved, every row of it; a line it stood for is open again.

    :raises NotFound: no such commitment.
    :raises PoolFrozenAlready: the pool no longer takes changes.
    :raises OnlyWhatFills: it is filling: nobody leaves any more.
    :raises IllegalMove: the commitment left or was dropped before.
    :raises StaleWrite: a twin changed it at this moment.
    """
    named = load_commitment(commitment_ref)
    if named.state in GONE:
        raise IllegalMove(machine="commitment", state=named.state, verb="leave")
    expected = held_by(rows_of(named))
    take(named.pool, -expected.quantity, -expected.tolerance, at=at)
    rows = rows_of(named)
    if not rows or held_by(rows) != expected:
        raise StaleWrite(ref=named.ref, revision=named.revision)
    for row in rows:
        row.move("leave", by=by, at=at)
    if named.line_id is not None:
        demand_.mark_lines(line_ids=[named.line_id], state="open")
    note(named, "leave", expected, NOTHING, by=by, at=at)
