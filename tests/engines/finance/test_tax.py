"""Tax by the dated table, and totals that tie."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engines.tax import RateTotal, TaxedLine, invoice_totals, rates_in_force
from marketplace.kernel.money import Money


def cny(text: str) -> Money:
    return Money(Decimal(text), "CNY")


def line(net: str, rate: str) -> TaxedLine:
    return TaxedLine(cny(net), Decimal(rate))


class TestInvoiceTotals:
    def test_takes_tax_once_on_the_sum_of_a_rate(self) -> None:
        # Three lines of 33.33 at 13 %: 99.99 * 0.13 = 12.9987 -> 13.00; line by line it would be 3 * 4.33 = 12.99.
        totals = invoice_totals([line("33.33", "13")] * 3, "CNY")

        assert (totals.net, totals.tax, totals.total) == (cny("99.99"), cny("13.00"), cny("112.99"))
        assert totals.line_taxes == (cny("4.34"), cny("4.33"), cny("4.33"))

    def test_adds_rates_up_apart(self) -> None:
        totals = invoice_totals([line("1000.00", "13"), line("200.00", "9"), line("50.55", "6")], "CNY")

        assert totals.by_rate == (
            RateTotal(Decimal(13), cny("1000.00"), cny("130.00")),
            RateTotal(Decimal(9), cny("200.00"), cny("18.00")),
            RateTotal(Decimal(6), cny("50.55"), cny("3.03")),
        )
        assert totals.total == cny("1401.58")

    def test_counts_yen_without_digits(self) -> None:
        totals = invoice_totals([TaxedLine(Money(Decimal(105), "JPY"), Decimal(10))], "JPY")

        assert totals.tax == Money(Decimal(11), "JPY")

    def test_finds_no_tax_on_nothing(self) -> None:
        assert invoice_totals([], "CNY").total == cny("0")
        assert invoice_totals([line("0.00", "13")], "CNY").line_taxes == (cny("0"),)

    @pytest.mark.parametrize("bad", [line("-1.00", "13"), line("1.00", "-1"), line("1.00", "100")])
    def test_refuses_what_cannot_stand_on_an_invoice(self, bad: TaxedLine) -> None:
        with pytest.raises(ValueError, match="cannot stand"):
            invoice_totals([bad], "CNY")

    @given(st.lists(st.tuples(st.integers(0, 10**11), st.sampled_from(["0", "1", "3", "6", "9", "13"])), max_size=30))
    def test_lines_rates_and_total_tie_exactly(self, raw: list[tuple[int, str]]) -> None:
        lines = [TaxedLine(Money.from_minor(net, "CNY"), Decimal(rate)) for net, rate in raw]

        totals = invoice_totals(lines, "CNY")

        assert totals.net.minor == sum(entry.net.minor for entry in lines)
        assert totals.tax.minor == sum(entry.tax.minor for entry in totals.by_rate)
        assert totals.tax.minor == sum(part.minor for part in totals.line_taxes)
        assert totals.total == totals.net + totals.tax
        for entry in totals.by_rate:
            assert abs(entry.tax.minor * 100 - entry.base.minor * entry.rate_percent) <= 50


class TestRatesInForce:
    @pytest.mark.parametrize(
        ("day", "standard"),
        [
            (date(2012, 7, 1), 17),
            (date(2018, 4, 30), 17),
            (date(2018, 5, 1), 16),
            (date(2019, 3, 31), 16),
            (date(2019, 4, 1), 13),
            (date(2026, 7, 1), 13),
        ],
    )
    def test_the_highest_rate_of_a_day_is_the_standard_rate(self, day: date, standard: int) -> None:
        rates = rates_in_force("CN", day)

        assert rates is not None
        assert max(rates) == standard

    def test_thirteen_percent_was_away_from_july_2017_to_march_2019(self) -> None:
        days = [date(2017, 6, 30), date(2017, 7, 1), date(2019, 3, 31), date(2019, 4, 1)]

        assert [Decimal(13) in (rates_in_force("CN", day) or ()) for day in days] == [True, False, False, True]

    def test_says_nothing_of_a_country_it_does_not_know(self) -> None:
        assert rates_in_force("XX", date(2026, 1, 1)) is None
