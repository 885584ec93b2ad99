"""Close a month of a book."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from finance.ledger import models
from finance.ledger.use_cases.counters import pass_turnstile
from finance.ledger.use_cases.post import PeriodClosed


def close_period(*, book: str, month: date, by: str, at: datetime) -> None:
    """Close the month that holds the day `month`: nothing is booked into it any more.

    A journal under way is waited for; one that comes later is refused by the database itself.

    :raises PeriodClosed: it is closed already.
    """
    first = month.replace(day=1)
    with transaction.atomic():
        pass_turnstile()
        models.Period.objects.get_or_create(book=book, month=first)
        open_still = models.Period.objects.filter(book=book, month=first, closed_at__isnull=True)
        if not open_still.update(closed_at=at, closed_by=by):
            raise PeriodClosed(book=book, month=f"{first:%Y-%m}")
