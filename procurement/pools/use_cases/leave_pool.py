"""Leave a pool that has not frozen yet."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.foundation.fields import less
from marketplace.kernel.refusals import IllegalMove, NotFound, StaleWrite
from procurement.demand import use_cases as demand_
from procurement.pools import models
from procurement.pools.states import JOINABLE, CommitmentState
from procurement.pools.use_cases.join_pool import PoolFrozenAlready


@transaction.atomic
def leave_pool(*, commitment_ref: str, by: str, at: datetime) -> None:
    """Give the reserved quantity back to the pool; a line it stood for is open again.

    :raises NotFound: no such commitment.
    :raises PoolFrozenAlready: the pool no longer takes changes.
    :raises IllegalMove: the commitment left or was dropped before.
    """
    commitment = models.Commitment.objects.select_related("pool").filter(ref=commitment_ref).first()
    if commitment is None:
        raise NotFound(what="commitment", ref=commitment_ref)
    if commitment.state in {CommitmentState.LEFT, CommitmentState.DROPPED}:
        raise IllegalMove(machine="commitment", state=commitment.state, verb="leave")
    pool = commitment.pool
    still = models.Pool.objects.filter(
        pk=pool.pk, state__in=JOINABLE, freeze_at__gt=at, joined__gte=commitment.quantity
    )
    if not still.update(joined=less("joined", commitment.quantity)):
        _explain_no(commitment, at)
    commitment.move("leave", by=by, at=at)
    if commitment.line_id is not None:
        demand_.mark_lines(line_ids=[commitment.line_id], state="open")


def _explain_no(commitment: models.Commitment, at: datetime) -> None:
    """Tell a pool that is closed from a twin that left with this very commitment a moment ago."""
    pool = commitment.pool
    pool.refresh_from_db()
    if pool.state in JOINABLE and pool.freeze_at > at:
        raise StaleWrite(ref=commitment.ref, revision=commitment.revision)
    raise PoolFrozenAlready(pool=pool.ref, state=pool.state, freeze_at=pool.freeze_at.isoformat())
