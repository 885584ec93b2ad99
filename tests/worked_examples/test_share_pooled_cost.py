"""Shares worked by hand, and two public complaints that they must not repeat.

Sources: foodcoops/foodsoft (transport of 10.00 over three members collected as 10.02; 50.00 booked as 3 x 16.67) and
its issue 473; Moulin and Shenker 1994 for average-cost pricing.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.money import Money, total
from procurement.engines.sharing import NothingToShare, share_freight, share_pooled_cost

amounts = st.lists(st.decimals("0.01", 10**6, places=2), min_size=1, max_size=12)


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


def decimals(*amounts: str) -> list[Decimal]:
    return [Decimal(one) for one in amounts]


def test_ten_yuan_over_three_equal_members() -> None:
    shares = share_pooled_cost(decimals("1", "1", "1"), cny("10.00")).shares

    assert shares == (cny("3.34"), cny("3.33"), cny("3.33"))


def test_fifty_yuan_over_three_equal_members() -> None:
    shares = share_pooled_cost(decimals("7", "7", "7"), cny("50.00")).shares

    assert shares == (cny("16.67"), cny("16.67"), cny("16.66"))


def test_by_quantity_with_two_cents_to_give() -> None:
    # 100.00 over 3 : 2 : 2 is 42.857..., 28.571..., 28.571...; the largest remainder is the first member's.
    sharing = share_pooled_cost(decimals("3", "2", "2"), cny("100.00"))

    assert sharing.shares == (cny("42.86"), cny("28.57"), cny("28.57"))
    assert sharing.exact == (Fraction(300, 7), Fraction(200, 7), Fraction(200, 7))


def test_freight_by_weight_and_distance() -> None:
    # 2 t over 100 km, 1 t over 100 km, 3 t over 50 km: 200 + 100 + 150 = 450 tkm for 900.00.
    sharing = share_freight(decimals("2000", "1000", "3000"), decimals("100", "100", "50"), cny("900.00"))

    assert sharing.shares == (cny("400.00"), cny("200.00"), cny("300.00"))
    assert sharing.why.code == "by_weight_and_distance"


def test_freight_round_the_corner_goes_by_weight() -> None:
    sharing = share_freight(decimals("2", "1"), decimals("0", "0"), cny("9.00"))

    assert (sharing.shares, sharing.why.code) == ((cny("6.00"), cny("3.00")), "by_weight")


@given(amounts, st.integers(0, 10**12))
def test_shares_add_up_and_lie_within_a_cent_of_exact(quantities: list[Decimal], cents: int) -> None:
    pooled = Money.from_minor(cents, "CNY")

    sharing = share_pooled_cost(quantities, pooled)

    assert total(sharing.shares, "CNY") == pooled
    for share, exact in zip(sharing.shares, sharing.exact, strict=True):
        assert abs(Fraction(share.amount) - exact) < Fraction(1, 100)


@pytest.mark.parametrize("quantities", [(), ("1", "0"), ("1", "-2"), ("NaN",), ("Infinity",)])
def test_refuses_quantities_that_are_none(quantities: tuple[str, ...]) -> None:
    with pytest.raises(NothingToShare):
        share_pooled_cost(decimals(*quantities), cny("1.00"))


@pytest.mark.parametrize("distances", [("1",), ("1", "-1"), ("1", "NaN")])
def test_refuses_distances_that_are_none(distances: tuple[str, ...]) -> None:
    with pytest.raises(NothingToShare):
        share_freight(decimals("1", "1"), decimals(*distances), cny("1.00"))


def test_refuses_to_share_a_negative_cost() -> None:
    with pytest.raises(NothingToShare):
        share_pooled_cost(decimals("1"), cny("-1.00"))
