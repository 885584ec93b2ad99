"""Order, receipt and invoice: what matches and what waits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finance.engines.three_way_match import Accepted, Claimed, Match, Tolerance, match
from marketplace.kernel.money import Money, Rate


def cny(text: str) -> Money:
    return Money(Decimal(text), "CNY")


ORDER = Accepted("PO-2026-0001/1", Decimal(100), Decimal(0), Rate(Decimal("12.50"), "CNY"))


def claim(quantity: str = "100", price: str = "12.50", net: str = "1250.00", ref: str = ORDER.line_ref) -> Claimed:
    return Claimed(ref, Decimal(quantity), Rate(Decimal(price), "CNY"), cny(net), Decimal(13))


def judge(
    *claims: Claimed, tax: str = "162.50", stated: str = "1412.50", order: Accepted = ORDER, money_minor: int = 5000
) -> Match:
    return match([order], claims, tax=cny(tax), stated=cny(stated), tolerance=Tolerance(money_minor=money_minor))


def codes(result: Match) -> list[str]:
    return [reason.code for reason in result.reasons]


class TestMatch:
    def test_passes_what_was_ordered_accepted_and_priced_as_agreed(self) -> None:
        result = judge(claim())

        assert result.matched
        assert (result.expected_net, result.claimed_net, result.variance) == (cny("1250.00"), cny("1250.00"), cny("0"))

    def test_keeps_a_variance_within_both_bounds(self) -> None:
        # 0.5 % of 1,250.00 is 6.25; the claim strays by 6.00. VAT 13 % of 1,256.00 = 163.28.
        result = judge(claim(price="12.56", net="1256.00"), tax="163.28", stated="1419.28")

        assert result.matched
        assert result.variance == cny("6.00")

    @pytest.mark.parametrize(
        ("price", "net", "tax", "stated", "money_minor"),
        [
            ("12.57", "1257.00", "163.41", "1420.41", 5000),  # 7.00 is beyond 0.5 %
            ("12.56", "1256.00", "163.28", "1419.28", 500),  # 6.00 is beyond 5.00
            ("12.43", "1243.00", "161.59", "1404.59", 5000),  # cheaper beyond tolerance waits as well
        ],
    )
    def test_holds_a_price_beyond_either_bound(
        self, price: str, net: str, tax: str, stated: str, money_minor: int
    ) -> None:
        result = judge(claim(price=price, net=net), tax=tax, stated=stated, money_minor=money_minor)

        assert codes(result) == ["price_beyond_tolerance"]
        assert result.releasable

    def test_lets_the_smallest_coin_pass_on_a_small_line(self) -> None:
        order = Accepted("x", Decimal(1), Decimal(0), Rate(Decimal("0.50"), "CNY"))
        small = Claimed("x", Decimal(1), Rate(Decimal("0.51"), "CNY"), cny("0.51"), Decimal(0))

        assert match([order], [small], tax=cny("0"), stated=cny("0.51"), tolerance=Tolerance()).matched

    def test_holds_more_than_was_accepted_and_not_yet_billed(self) -> None:
        order = Accepted(ORDER.line_ref, Decimal(100), Decimal(1), ORDER.unit_price)

        result = judge(claim(), order=order)

        assert codes(result) == ["more_than_accepted"]
        assert not result.releasable

    def test_holds_a_line_that_nothing_was_received_for(self) -> None:
        assert codes(judge(claim(ref="PO-2026-0009/1"))) == ["nothing_received"]

    def test_holds_a_line_claimed_twice(self) -> None:
        half = claim(quantity="50", net="625.00")

        assert codes(judge(half, half)) == ["duplicate_line"]

    def test_holds_a_line_that_does_not_multiply(self) -> None:
        result = judge(claim(net="1250.05"), tax="162.51", stated="1412.56")

        assert codes(result) == ["line_does_not_multiply"]

    def test_holds_tax_and_totals_that_do_not_tie(self) -> None:
        assert codes(judge(claim(), tax="162.49", stated="1412.49")) == ["tax_does_not_tie"]
        assert codes(judge(claim(), stated="1412.51")) == ["total_does_not_tie"]

    def test_refuses_an_invoice_without_lines(self) -> None:
        with pytest.raises(ValueError, match="at least one line"):
            judge()
