from __future__ import annotations

from datetime import date

from marketplace.kernel.periods import Period, month_of


class TestMonthOf:
    def test_the_last_month_of_all_does_not_overflow(self) -> None:
        assert month_of(date(9999, 12, 15)) == Period(date(9999, 12, 1), date(9999, 12, 31))

    def test_december_ends_with_the_year(self) -> None:
        assert month_of(date(2026, 12, 31)) == Period(date(2026, 12, 1), date(2027, 1, 1))
