from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.kernel.refusals import BadValue
from procurement.engines.facility import Customer, Warehouse, locate

TWO = (Warehouse(10, 100), Warehouse(10, 120))


@st.composite
def small(draw: st.DrawFn) -> tuple[list[Warehouse], list[Customer]]:
    """Warehouses that can each serve everybody, so that the nearest open one serves each customer."""
    count = draw(st.integers(1, 4))
    money = st.integers(0, 50)
    warehouses = [Warehouse(100, draw(money)) for _ in range(count)]
    customers = [
        Customer(draw(st.integers(1, 20)), tuple(draw(money) for _ in range(count)))
        for _ in range(draw(st.integers(1, 5)))
    ]
    return warehouses, customers


class TestLocate:
    @settings(max_examples=60, deadline=None)
    @given(small())
    def test_opens_what_trying_everything_opens(self, case: tuple[list[Warehouse], list[Customer]]) -> None:
        warehouses, customers = case

        found = locate(warehouses, customers)

        least = min(
            sum(one.fixed_cost for one, here in zip(warehouses, chosen, strict=True) if here)
            + sum(min(cost for cost, here in zip(one.costs, chosen, strict=True) if here) for one in customers)
            for chosen in product((0, 1), repeat=len(warehouses))
            if any(chosen)
        )
        assert found.total == least
        assert found.proved

    def test_shares_a_customer_whom_no_warehouse_can_serve_alone(self) -> None:
        found = locate(TWO, [Customer(15, (30, 60))])

        assert found.flow == ((0, 0, Fraction(2, 3)), (1, 0, Fraction(1, 3)))
        assert found.total == 100 + 120 + 20 + 20

    @pytest.mark.parametrize(
        ("customers", "reason"),
        [
            ([Customer(21, (1, 1))], "more demand than capacity"),
            ([Customer(1, (1,))], "not one for each of 2 warehouses"),
            ([Customer(1, (1, -1))], "negative, or nothing wanted"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, customers: list[Customer], reason: str) -> None:
        with pytest.raises(BadValue) as refused:
            locate(TWO, customers)

        assert refused.value.facts["reason"] == reason
