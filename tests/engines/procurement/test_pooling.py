from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.periods import window_of
from marketplace.kernel.refusals import BadValue
from procurement.engines.pooling import Step, clear_one_closing, group_lines

DAY = date(2011, 12, 20)
lines = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(0, 60), st.integers(1, 500)), max_size=40)


def columns(drawn: list[tuple[int, int, int, int]]) -> dict[str, Any]:
    return {
        "product": [one[0] for one in drawn],
        "region": [one[1] for one in drawn],
        "day": [DAY + timedelta(days=one[2]) for one in drawn],
        "quantity": [one[3] for one in drawn],
    }


class TestGroupLines:
    @given(lines, st.sampled_from(["month", "week"]))
    def test_gathers_what_a_dictionary_would(self, drawn: list[tuple[int, int, int, int]], window: str) -> None:
        wanted: dict[tuple[int, int, date], int] = defaultdict(int)
        for product, region, after, quantity in drawn:
            wanted[product, region, window_of(DAY + timedelta(days=after), window).start] += quantity

        pools = group_lines(**columns(drawn), window=window)

        keys = zip(pools.product.tolist(), pools.region.tolist(), pools.window.tolist(), strict=True)
        assert dict(zip(keys, pools.quantity.tolist(), strict=True)) == wanted

    @given(lines)
    def test_tells_each_line_its_pool(self, drawn: list[tuple[int, int, int, int]]) -> None:
        pools = group_lines(**columns(drawn), window="month")

        for place, (product, region, after, _) in enumerate(drawn):
            pool = pools.pool_of_line[place]
            assert (pools.product[pool], pools.region[pool]) == (product, region)
            assert pools.window[pool] == np.datetime64((DAY + timedelta(days=after)).replace(day=1))
        assert np.bincount(pools.pool_of_line, minlength=len(pools.lines)).tolist() == pools.lines.tolist()

    def test_an_iso_week_may_begin_in_the_year_before(self) -> None:
        pools = group_lines([1, 1], [1, 1], ["2012-01-01", "2012-01-02"], [5, 6], window="week")

        assert pools.window.tolist() == [date(2011, 12, 26), date(2012, 1, 2)]

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"window": "day"}, "neither month nor week"),
            ({"region": [1]}, "not of one length"),
            ({"quantity": [5, 0]}, "not positive"),
            ({"quantity": [5, -3]}, "not positive"),
            ({"quantity": [2**62, 2**62]}, "too much to add up"),
            ({"day": ["2012-01-01", "NaT"]}, "no day"),
        ],
    )
    def test_refuses(self, change: dict[str, Any], reason: str) -> None:
        good: dict[str, Any] = {"product": [1, 1], "region": [1, 1], "day": ["2012-01-01"] * 2, "quantity": [5, 6]}

        with pytest.raises(BadValue) as refused:
            group_lines(**({"window": "month"} | good | change))
        assert refused.value.facts["reason"] == reason


@st.composite
def ladders(draw: st.DrawFn) -> list[Step]:
    starts = sorted(draw(st.sets(st.integers(1, 30), min_size=1, max_size=4)))
    prices = sorted((draw(st.integers(0, 12)) for _ in starts), reverse=True)
    return [Step(start, price) for start, price in zip(starts, prices, strict=True)]


bounded = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12), st.integers(0, 3)), max_size=6)


class TestClearOneClosing:
    @given(bounded, ladders())
    def test_nobody_can_gather_a_larger_consistent_set(
        self, drawn: list[tuple[int, int, int]], steps: list[Step]
    ) -> None:
        found = clear_one_closing(
            [one[0] for one in drawn], [one[1] for one in drawn], steps, freight=[one[2] for one in drawn]
        )

        most = 0
        for size in range(1, len(drawn) + 1):
            for some in combinations(drawn, size):
                quantity = sum(one[0] for one in some)
                price = next((step.price for step in reversed(steps) if quantity >= step.start), None)
                if price is not None and all(not limit or price + freight <= limit for _, limit, freight in some):
                    most = max(most, quantity)
        assert found.quantity == most

    @given(bounded, ladders())
    def test_who_accepts_the_price_is_in_and_nobody_else(
        self, drawn: list[tuple[int, int, int]], steps: list[Step]
    ) -> None:
        found = clear_one_closing(
            [one[0] for one in drawn], [one[1] for one in drawn], steps, freight=[one[2] for one in drawn]
        )

        if found.step is None:
            assert not found.joins.any()
        else:
            accepts = [not limit or found.step.price + freight <= limit for _, limit, freight in drawn]
            assert found.joins.tolist() == accepts
            assert found.step == [step for step in steps if step.start <= found.quantity][-1]

    def test_tells_what_each_step_found(self) -> None:
        found = clear_one_closing([60, 40, 20], [85, 0, 95], [Step(1, 100), Step(50, 90), Step(130, 80)])

        assert [(one.demand, one.reached) for one in found.steps] == [(40, True), (60, True), (120, False)]
        assert (found.step, found.quantity, found.joins.tolist()) == (Step(50, 90), 60, [False, True, True])
        assert found.why.code == "largest_start_reached"

    def test_says_when_the_minimum_is_not_reached(self) -> None:
        found = clear_one_closing([5], [0], [Step(10, 7)])

        assert (found.step, found.why.code, found.why.facts) == (None, "no_step_reached", {"demand": 5, "minimum": 10})

    @pytest.mark.parametrize(
        "steps", [[], [Step(0, 5)], [Step(1, -5)], [Step(1, 5), Step(1, 4)], [Step(1, 5), Step(2, 6)]]
    )
    def test_refuses_steps_that_are_none(self, steps: list[Step]) -> None:
        with pytest.raises(BadValue):
            clear_one_closing([1], [0], steps)

    def test_refuses_a_negative_ceiling(self) -> None:
        with pytest.raises(BadValue):
            clear_one_closing([1], [-1], [Step(1, 5)])
