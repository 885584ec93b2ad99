"""A factory offers the minutes of a resource, day by day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from marketplace.kernel.periods import Period
from marketplace.kernel.refusals import BadValue, NotFound
from procurement.capacity import models

MINUTES_A_DAY = 24 * 60
EVERY_DAY = frozenset(range(1, 8))


@transaction.atomic
def offer_hours(
    *,
    factory_ref: str,
    resource: str,
    period: Period,
    minutes: int,
    weekdays: Collection[int] = EVERY_DAY,
    by: str,
    at: datetime,
) -> int:
    """Offer so many minutes of a resource on each day of a period; days offered before stay as they are.

    minutes   per day, 1 to 1440
    weekdays  ISO numbers, Monday is 1
    returns   how many days are new

    :raises NotFound: there is no such factory.
    :raises BadValue: minutes that no day has, or a weekday that no week has.
    """
    factory = models.Factory.objects.filter(ref=factory_ref).first()
    if factory is None:
        raise NotFound(what="factory", ref=factory_ref)
    if not 0 < minutes <= MINUTES_A_DAY:
        raise BadValue(place="minutes", value=minutes, reason="a day has 1440 minutes")
    if not weekdays or not set(weekdays) <= EVERY_DAY:
        raise BadValue(place="weekdays", value=sorted(weekdays), reason="a week has days 1 to 7")
    days = [period.start + timedelta(days=n) for n in range(period.days)]
    wanted = {day for day in days if day.isoweekday() in set(weekdays)}
    standing = models.FactoryDay.objects.filter(factory=factory, resource=resource, day__in=wanted)
    new = sorted(wanted - set(standing.values_list("day", flat=True)))
    models.FactoryDay.objects.bulk_create(
        [
            models.FactoryDay(factory=factory, resource=resource, day=day, minutes=minutes, minutes_left=minutes)
            for day in new
        ],
        batch_size=500,
        ignore_conflicts=True,
    )
    return len(new)
