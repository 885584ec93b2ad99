"""A factory says how far the work is."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import NotFound
from procurement.capacity import events, models


@transaction.atomic
def reach_milestone(*, work_ref: str, milestone: str, by: str, at: datetime) -> None:
    """Take the work to its next milestone: `material_in`, `make` or `pack`.

    :raises NotFound: there is no such work order.
    :raises IllegalMove: the milestone before it was not reached.
    """
    work = models.WorkOrder.objects.filter(ref=work_ref).first()
    if work is None:
        raise NotFound(what="work order", ref=work_ref)
    work.move(milestone, by=by, at=at)
    events_.record(events.MilestoneReached(work_ref, work.state), source_ref=work_ref, at=at)
