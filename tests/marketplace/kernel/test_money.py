"""Money is exact and adds up."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.money import Money, Rate, minor_digits, split, split_integer, total


def cny(text: str) -> Money:
    return Money(Decimal(text), "CNY")


class TestMoney:
    @pytest.mark.parametrize(("currency", "digits"), [("CNY", 2), ("JPY", 0), ("KWD", 3)])
    def test_knows_the_digits_of_its_currency(self, currency: str, digits: int) -> None:
        assert minor_digits(currency) == digits

    def test_refuses_floats(self) -> None:
        with pytest.raises(TypeError):
            Money(1.5, "CNY")  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("amount", "currency"),
        [("NaN", "CNY"), ("Infinity", "CNY"), ("0.001", "CNY"), ("1.5", "JPY"), ("1", "XXY"), (str(2**63), "JPY")],
    )
    def test_refuses_what_no_purse_holds(self, amount: str, currency: str) -> None:
        with pytest.raises(ValueError):
            Money(Decimal(amount), currency)

    def test_two_currencies_do_not_mix(self) -> None:
        with pytest.raises(ValueError, match="do not mix"):
            cny("1.00") + Money(Decimal(1), "USD")

    def test_counts_in_the_smallest_coin(self) -> None:
        assert (cny("12.34").minor, Money.from_minor(-5, "KWD").amount) == (1234, Decimal("-0.005"))

    @pytest.mark.parametrize(("exact", "cents"), [("1/200", 1), ("-1/200", -1), ("1/201", 0), ("1/3", 33)])
    def test_rounds_fractions_half_away_from_zero(self, exact: str, cents: int) -> None:
        assert Money.rounded(Fraction(exact), "CNY").minor == cents

    def test_equal_money_is_equal_however_it_is_written(self) -> None:
        assert cny("5") == cny("5.00")
        assert str(cny("5")) == "CNY 5.00"


class TestRate:
    def test_becomes_money_by_a_named_rounding(self) -> None:
        rate = Rate(Decimal("0.3333"), "CNY")

        assert rate.times(Decimal(50)) == cny("16.67")
        assert rate.times(Decimal(50), ROUND_DOWN) == cny("16.66")


class TestSplit:
    def test_three_times_a_third_is_the_whole(self) -> None:
        # foodsoft booked 3 x 16.67 as 50.00; largest remainder gives the odd cents away instead
        assert split(cny("50.00"), [1, 1, 1]) == [cny("16.67"), cny("16.67"), cny("16.66")]

    @given(
        units=st.integers(-(10**12), 10**12),
        weights=st.lists(st.fractions(0, 1000), min_size=1, max_size=30).filter(any),
    )
    def test_parts_add_up_and_stay_within_one_of_their_share(self, units: int, weights: list[Fraction]) -> None:
        parts = split_integer(units, weights)

        assert sum(parts) == units
        assert all(abs(part - units * weight / sum(weights)) < 1 for part, weight in zip(parts, weights, strict=True))

    @pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
    def test_refuses_weights_that_split_nothing(self, weights: list[int]) -> None:
        with pytest.raises(ValueError):
            split(cny("1.00"), weights)

    def test_a_sum_of_nothing_is_zero_of_its_currency(self) -> None:
        assert total([], "USD") == Money.zero("USD")
