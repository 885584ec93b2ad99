from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.money import Money, Rate
from procurement.pools.rules import Indicative, Step
from procurement.pools.rules.market import (
    Asked,
    Wants,
    beyond_peak,
    clear_indicative,
    curve_of,
    curve_rows,
    in_tenths,
    part_of,
    without,
    worth_joining,
)

NONE = Decimal(0)


def steps(*pairs: tuple[int, str]) -> Indicative:
    return Indicative("price_list", tuple(Step(Decimal(start), Rate(Decimal(price), "CNY")) for start, price in pairs))


def wants(*pairs: tuple[str | None, int]) -> Wants:
    return [(None if ceiling is None else Decimal(ceiling), Decimal(quantity)) for ceiling, quantity in pairs]


LIST = steps((1, "100"), (50, "90"), (160, "82.89"))
PUMPS = wants(("100", 20), ("85", 40), (None, 40), ("95", 20))


class TestWhatStaysUnknown:
    def test_too_few_others_are_told_nothing_of_the_largest(self):
        few = Asked(mine=[], others=wants((None, 60), ("95", 50)), largest=None)

        found = worth_joining(LIST, few, Decimal(60), fee_percent=NONE, currency="CNY")

        assert (found.others, found.enough, found.without_largest) == (True, False, None)

    def test_an_arrival_is_told_in_whole_tenths(self):
        asked = [Decimal(one) for one in ("0", "4.9", "5", "62.5", "95", "100")]

        assert [in_tenths(one) for one in asked] == [0, 0, 10, 60, 100, 100]


class TestClearIndicative:
    def test_marks_where_the_pool_stands_and_what_is_next(self) -> None:
        outcome = clear_indicative(LIST, [*PUMPS, *wants(("89", 30))], NONE)

        assert outcome is not None
        assert [(row.price, row.tried.demand, row.kind) for row in curve_rows(outcome)] == [
            (100, 60, ""),
            (90, 80, "here"),
            (Decimal("82.89"), 150, "next"),
        ]
        assert outcome.next_step is not None
        assert (outcome.next_step.missing, outcome.next_step.percent) == (10, Decimal("7.9"))

    def test_a_fee_counts_against_ceilings(self) -> None:
        outcome = clear_indicative(steps((1, "100")), wants(("101", 5)), Decimal(2))

        assert outcome is not None
        assert outcome.tier is None

    def test_steps_that_are_not_cheaper_say_nothing(self) -> None:
        curve = curve_of(steps((0, "9"), (10, "9"), (20, "9.5"), (30, "8")))

        assert curve is not None
        assert [(tier.start, tier.price) for tier in curve.tiers] == [(0, 9), (30, 8)]

    def test_no_steps_no_outcome(self) -> None:
        assert clear_indicative(Indicative("none"), PUMPS, NONE) is None

    def test_an_empty_pool_reaches_nothing(self) -> None:
        outcome = clear_indicative(LIST, [], NONE)

        assert outcome is not None
        assert (outcome.tier, outcome.demand) == (None, 0)


class TestWorthJoining:
    OTHERS = Asked(mine=[], others=wants((None, 60), ("95", 50)), largest=wants((None, 40), ("95", 50)))

    def test_tells_the_price_with_us_alone_and_if_the_largest_leaves(self) -> None:
        found = worth_joining(LIST, self.OTHERS, Decimal(50), fee_percent=Decimal(2), currency="CNY")

        assert (found.before, found.together, found.alone) == (90, Decimal("82.89"), 90)
        assert found.landed == Decimal("84.5478")
        assert (found.cost, found.saved) == (Money(Decimal("4227.39"), "CNY"), Money(Decimal("272.61"), "CNY"))
        assert found.percent == Decimal("6.1")
        assert found.without_largest == 90  # 50 + 20 are left

    def test_a_fee_above_the_saving_is_said_as_a_loss(self) -> None:
        found = worth_joining(LIST, self.OTHERS, Decimal(5), fee_percent=Decimal(20), currency="CNY")

        assert found.saved == Money(Decimal("-40.00"), "CNY")  # 500 alone, 5 at 108 with us

    def test_less_than_anybody_sells_has_no_price_alone(self) -> None:
        found = worth_joining(steps((50, "90")), self.OTHERS, Decimal(5), fee_percent=NONE, currency="CNY")

        assert (found.alone, found.saved, found.percent) == (None, None, None)
        assert found.together == 90

    def test_in_an_empty_pool_nobody_else_leaves(self) -> None:
        found = worth_joining(LIST, Asked([], [], []), Decimal(60), fee_percent=NONE, currency="CNY")

        assert (found.others, found.before, found.together, found.without_largest) == (False, None, 90, 90)
        assert not found.too_large

    @given(st.integers(1, 300), st.integers(0, 300))
    def test_joining_never_makes_it_dearer_for_the_others(self, quantity: int, more: int) -> None:
        asked = Asked([], wants((None, more)) if more else [], [])

        found = worth_joining(LIST, asked, Decimal(quantity), fee_percent=NONE, currency="CNY")

        assert found.together is not None
        assert found.before is None or found.together <= found.before

    def test_leaving_takes_only_what_is_ones_own(self) -> None:
        assert without(wants((None, 60), ("95", 50)), wants((None, 40), ("95", 50))) == wants((None, 20))


class TestBeyondPeak:
    @pytest.mark.parametrize(
        ("own", "whole", "large"),
        [
            ("38.19", "100", False),
            ("38.20", "100", True),
            ("90", "100", True),
            ("100", "100", False),
            ("0", "0", False),
        ],
    )
    def test_begins_at_the_golden_share(self, own: str, whole: str, large: bool) -> None:
        assert beyond_peak(Decimal(own), Decimal(whole)) is large


class TestPartOf:
    @pytest.mark.parametrize(
        ("ordered", "percent", "part"),
        [("100", "80", "80"), ("33", "80", "26"), ("7.5", "80", "6"), ("7.5", "33", "2.475")],
    )
    def test_is_whole_where_the_order_is(self, ordered: str, percent: str, part: str) -> None:
        assert part_of(Decimal(ordered), Decimal(percent)) == Decimal(part)
