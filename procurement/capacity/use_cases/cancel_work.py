"""Work is called off and its hours are free again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from marketplace.kernel.refusals import NotFound
from procurement.capacity import models


@transaction.atomic
def cancel_work(*, work_ref: str, why: str = "", by: str, at: datetime) -> None:
    """Cancel a work order and give its minutes back.

    :raises NotFound: there is no such work order.
    :raises IllegalMove: the goods are made already.
    """
    work = models.WorkOrder.objects.filter(ref=work_ref).first()
    if work is None:
        raise NotFound(what="work order", ref=work_ref)
    work.move("cancel", by=by, at=at, why=why)
    for day in work.days.order_by("factory_day_id"):
        models.FactoryDay.objects.filter(pk=day.factory_day_id).update(minutes_left=F("minutes_left") + day.minutes)
    work.days.all().delete()
