"""How many days of interest lie between two dates, and what they cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from marketplace.kernel.money import Money


class DayCount(StrEnum):
    """A convention by which a contract counts days; the start day counts, the end day does not."""

    ACT_360 = "ACT/360"
    ACT_365F = "ACT/365F"
    THIRTY_E_360 = "30E/360"


_YEAR = {DayCount.ACT_360: 360, DayCount.ACT_365F: 365, DayCount.THIRTY_E_360: 360}


def days_between(start: date, end: date, convention: DayCount) -> int:
    """Return the days from `start` (counted) to `end` (not counted).

    ACT/360 and ACT/365F count calendar days. 30E/360 gives every month 30 days: a 31st becomes a 30th at either end,
    and the last of February stays what it is.

    start, end   start <= end
    returns      whole days, >= 0

    :raises ValueError: `end` lies before `start`.

    Source: ISDA 2006 Definitions, section 4.16 (d), (e), (g); worked by hand in
    tests/engines/finance/test_day_count.py.
    """
    if end < start:
        raise ValueError(f"{end} lies before {start}")
    if convention is not DayCount.THIRTY_E_360:
        return (end - start).days
    months = (end.year - start.year) * 12 + end.month - start.month
    return months * 30 + min(end.day, 30) - min(start.day, 30)


def year_fraction(start: date, end: date, convention: DayCount) -> Fraction:
    """Return the part of a year between two dates, exactly (see `days_between`)."""
    return Fraction(days_between(start, end, convention), _YEAR[convention])


def interest(principal: Money, rate_percent: Decimal, start: date, end: date, convention: DayCount) -> Fraction:
    """Return simple interest in units of the principal's currency, exact and not yet rounded.

    i = principal * rate / 100 * year_fraction(start, end)

    principal      >= 0
    rate_percent   per year, >= 0: 4.35 means 4.35 % a year
    """
    return Fraction(principal.amount) * Fraction(rate_percent) / 100 * year_fraction(start, end, convention)


def accrued(principal: Money, rate_percent: Decimal, start: date, until: date, convention: DayCount) -> Money:
    """Return what has accrued from `start` up to `until` (not counted), rounded once, half up.

    A daily posting is the difference of two such sums, so the roundings of single days never pile up and the whole
    life adds up to the interest of the contract, to the cent.
    """
    return Money.rounded(interest(principal, rate_percent, start, until, convention), principal.currency)
