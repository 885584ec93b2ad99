"""A night passes, and the financier has earned a little more."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from finance.credit import models
from finance.credit.states import DrawdownState
from finance.credit.use_cases.request_funding import the_drawdown
from finance.engines.day_count import DayCount, accrued
from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct, credit, debit
from marketplace.kernel.money import Money
from marketplace.parties import queries as parties

EARNING = {DrawdownState.APPROVED, DrawdownState.FUNDED, DrawdownState.DISBURSED}


@transaction.atomic
def accrue_day(*, drawdown_ref: str, day: date, by: str, at: datetime) -> Money | None:
    """Book what a drawdown has earned by the end of `day` and was not booked before (row 12); return that.

    None when the day was booked before, lies before the funding, or the drawdown earns nothing (now or any more). The
    amount is the rounded sum since funding less what is booked, so days that were missed come with the next one.

    :raises NotFound: there is no such drawdown.
    """
    drawdown = the_drawdown(drawdown_ref)
    until = min(day + timedelta(days=1), drawdown.matures_on)
    if drawdown.state not in EARNING or until <= (drawdown.accrued_until or drawdown.funded_on):
        return None
    return book_until(drawdown, until, booked_on=day, by=by, at=at)


def book_until(drawdown: models.Drawdown, until: date, *, booked_on: date, by: str, at: datetime) -> Money | None:
    """Book what was earned up to `until` (not counted); in the caller's transaction. None when a twin was faster."""
    facility = drawdown.facility
    face = Money.from_minor(drawdown.face_minor, drawdown.currency)
    convention = DayCount(facility.day_count)
    cumulative = accrued(face, facility.rate_percent, drawdown.funded_on, until, convention)
    today = cumulative - Money.from_minor(drawdown.accrued_minor, drawdown.currency)
    mine = models.Drawdown.objects.filter(pk=drawdown.pk, accrued_minor=drawdown.accrued_minor).filter(
        Q(accrued_until__isnull=True) | Q(accrued_until__lt=until)
    )
    if not mine.update(accrued_until=until, accrued_minor=cumulative.minor):
        return None
    drawdown.accrued_until, drawdown.accrued_minor = until, cumulative.minor
    last_day = until - timedelta(days=1)
    models.Accrual.objects.create(
        drawdown=drawdown,
        day=last_day,
        amount_minor=today.minor,
        cumulative_minor=cumulative.minor,
        journal_ref=_post(drawdown, today, last_day, booked_on=booked_on, by=by, at=at) if today else "",
    )
    return today


def _post(drawdown: models.Drawdown, amount: Money, last_day: date, *, booked_on: date, by: str, at: datetime) -> str:
    book = parties.ref_of(drawdown.facility.financier_id)
    return ledger_.post(
        key=f"accrual:{drawdown.ref}:{last_day.isoformat()}",
        lines=[
            debit(Acct("unearned_discount", "", drawdown.currency, book), amount),
            credit(Acct("interest_income", "", drawdown.currency, book), amount),
        ],
        booked_on=booked_on,
        source_ref=drawdown.ref,
        memo=f"earned by the end of {last_day.isoformat()}",
        by=by,
        at=at,
    )
