"""What came is shared, and what it cost is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.money import Money, total
from procurement.delivery.rules import share_arrival, share_bill


def cny(text: str) -> Money:
    return Money(Decimal(text), "CNY")


class TestShareArrival:
    def test_a_shortage_falls_on_the_latest(self) -> None:
        assert share_arrival(Decimal(70), [Decimal(40), Decimal(40), Decimal(20)]) == [40, 30, 0]

    @given(came=st.integers(0, 500), wants=st.lists(st.integers(0, 100), max_size=10))
    def test_shares_add_up_to_what_came_or_what_was_due(self, came: int, wants: list[int]) -> None:
        shares = share_arrival(Decimal(came), [Decimal(want) for want in wants])

        assert sum(shares) == min(came, sum(wants))
        assert all(0 <= share <= want for share, want in zip(shares, wants, strict=True))


class TestShareBill:
    def test_worked_by_hand(self) -> None:
        costs = share_bill(cny("100.00"), cny("10.00"), Decimal(2), [Decimal(1)] * 3, [1, 1, 1])

        assert [cost.goods for cost in costs] == [cny("33.34"), cny("33.33"), cny("33.33")]
        assert [cost.freight for cost in costs] == [cny("3.34"), cny("3.33"), cny("3.33")]
        assert [cost.fee for cost in costs] == [cny("0.67"), cny("0.67"), cny("0.67")]

    def test_freight_goes_by_weight_and_distance(self) -> None:
        costs = share_bill(cny("0.00"), cny("9.00"), Decimal(0), [Decimal(5), Decimal(5)], [1, 2])

        assert [cost.freight for cost in costs] == [cny("3.00"), cny("6.00")]

    @given(
        goods=st.integers(0, 10**9),
        freight=st.integers(0, 10**7),
        delivered=st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any),
    )
    def test_the_members_pay_what_the_suppliers_charge_to_the_cent(
        self, goods: int, freight: int, delivered: list[int]
    ) -> None:
        whole, road = Money.from_minor(goods, "CNY"), Money.from_minor(freight, "CNY")

        costs = share_bill(whole, road, Decimal("1.5"), [Decimal(d) for d in delivered], delivered)

        assert total([cost.goods for cost in costs], "CNY") == whole
        assert total([cost.freight for cost in costs], "CNY") == road

    def test_nothing_delivered_cannot_be_billed(self) -> None:
        with pytest.raises(ValueError, match="not all zero"):
            share_bill(cny("1.00"), cny("0.00"), Decimal(0), [Decimal(0)], [0])
