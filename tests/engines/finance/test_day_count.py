"""Day counts, worked by hand, and the promise that daily postings add up to the contract."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engines.day_count import DayCount, accrued, days_between, interest, year_fraction
from marketplace.kernel.money import Money

ACT_360, ACT_365F, THIRTY_E_360 = DayCount.ACT_360, DayCount.ACT_365F, DayCount.THIRTY_E_360


@pytest.mark.parametrize(
    ("start", "end", "actual", "thirty"),
    [
        # January has 31 days; by 30E/360 the 31st is the 30th.
        (date(2026, 1, 1), date(2026, 1, 31), 30, 29),
        (date(2026, 1, 31), date(2026, 3, 31), 59, 60),
        # February 2024 has 29 days: 27 calendar days from the 2nd to the 29th, and as many by 30E/360.
        (date(2024, 2, 2), date(2024, 2, 29), 27, 27),
        # From the last of February: 1 calendar day to 1 March (not a leap year), 3 by 30E/360 (28 -> 31 = 30 + 1).
        (date(2026, 2, 28), date(2026, 3, 1), 1, 3),
        (date(2026, 1, 15), date(2027, 1, 15), 365, 360),
        (date(2024, 1, 15), date(2025, 1, 15), 366, 360),
        (date(2026, 5, 5), date(2026, 5, 5), 0, 0),
    ],
)
def test_days_are_counted_as_each_convention_says(start: date, end: date, actual: int, thirty: int) -> None:
    assert days_between(start, end, ACT_360) == actual
    assert days_between(start, end, ACT_365F) == actual
    assert days_between(start, end, THIRTY_E_360) == thirty


@pytest.mark.parametrize(
    ("convention", "fraction"),
    [(ACT_360, Fraction(90, 360)), (ACT_365F, Fraction(90, 365)), (THIRTY_E_360, Fraction(90, 360))],
)
def test_a_quarter_from_1_april_to_30_june_is(convention: DayCount, fraction: Fraction) -> None:
    # April 30 + May 31 + 29 days of June = 90 calendar days; 30E/360: 2 * 30 + (30 - 1) = 89.
    expected = Fraction(89, 360) if convention is THIRTY_E_360 else fraction

    assert year_fraction(date(2026, 4, 1), date(2026, 6, 30), convention) == expected


def test_interest_on_a_million_at_4_35_for_90_days_is_worked_by_hand() -> None:
    million, rate = Money(Decimal(1_000_000), "CNY"), Decimal("4.35")
    start, end = date(2026, 4, 1), date(2026, 6, 30)

    # 1,000,000 * 0.0435 * 90/360 = 10,875.00; * 90/365 = 10,726.027...; * 89/360 = 10,754.1666...
    assert accrued(million, rate, start, end, ACT_360) == Money(Decimal("10875.00"), "CNY")
    assert accrued(million, rate, start, end, ACT_365F) == Money(Decimal("10726.03"), "CNY")
    assert accrued(million, rate, start, end, THIRTY_E_360) == Money(Decimal("10754.17"), "CNY")
    assert interest(million, rate, start, end, THIRTY_E_360) == Fraction(43500 * 89, 360)


def test_refuses_an_end_before_the_start() -> None:
    with pytest.raises(ValueError, match="lies before"):
        days_between(date(2026, 1, 2), date(2026, 1, 1), ACT_360)


@given(
    principal=st.integers(0, 10**13),
    rate=st.decimals(0, 36, places=4, allow_nan=False),
    start=st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    steps=st.lists(st.integers(0, 70), min_size=1, max_size=40),
    convention=st.sampled_from(list(DayCount)),
)
def test_daily_postings_never_fall_below_zero_and_add_up_to_the_contract(
    principal: int, rate: Decimal, start: date, steps: list[int], convention: DayCount
) -> None:
    money = Money.from_minor(principal, "CNY")
    posted, day = 0, start
    for step in steps:
        day += timedelta(days=step)
        today = accrued(money, rate, start, day, convention).minor - posted
        assert today >= 0
        posted += today

    assert posted == Money.rounded(interest(money, rate, start, day, convention), "CNY").minor
