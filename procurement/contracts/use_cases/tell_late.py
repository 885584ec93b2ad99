"""Both sides are told, once, of a delivery whose day is over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.clock import business_date
from marketplace.kernel.words import gettext_noop
from procurement.contracts import events, models, queries
from procurement.contracts.queries import LateDelivery
from procurement.contracts.use_cases.loading import tell

LATE = gettext_noop("The delivery of {quantity} due on {day} of the order {order} is late: {missing} was not sent.")


def tell_late(*, at: datetime) -> int:
    """Tell the supplier and the members of each late delivery that nobody was told of; return how many there were."""
    return sum(_tell(late, at=at) for late in queries.untold_late(business_date(at)))


@transaction.atomic
def _tell(late: LateDelivery, *, at: datetime) -> bool:
    if not models.DueDelivery.objects.filter(pk=late.id, told_at__isnull=True).update(told_at=at):
        return False
    facts = {
        "quantity": f"{late.quantity.normalize():f}",
        "day": late.due_on.isoformat(),
        "order": late.order_ref,
        "missing": f"{late.missing.normalize():f}",
    }
    tell(late.parties, LATE, facts, about=late.order_ref, at=at)
    fact = events.DeliveryLate(late.order_ref, late.due_on, late.missing)
    events_.record(fact, source_ref=late.order_ref, at=at)
    return True
