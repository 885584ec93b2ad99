"""Sharing a joint cost by the rules of cooperative games, held against brute force."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from marketplace.kernel.refusals import BadValue
from procurement.engines.sharing import (
    PEAK_SHARE,
    ListedGame,
    NothingToShare,
    PriceStep,
    SharingRule,
    TariffGame,
    gain_at_equal_price,
    paid_less_than_they_bring,
    share,
)
from procurement.engines.sharing.core import least_core, nearest_in_core
from procurement.engines.sharing.nucleolus import nucleolus
from procurement.engines.sharing.shapley import listed_shapley, tariff_shapley
from tests.engines.procurement import brute_sharing as brute

RULES = list(SharingRule)


def tariff(quantities: list[int], steps: list[tuple[int, int]]) -> TariffGame:
    names = tuple(f"M{place}" for place in range(len(quantities)))
    return TariffGame(names, tuple(quantities), tuple(PriceStep(*step) for step in steps))


def listed(costs: list[int]) -> ListedGame:
    n = len(costs).bit_length() - 1
    return ListedGame(tuple(f"M{place}" for place in range(n)), tuple(costs))


@st.composite
def steps(draw: st.DrawFn, falling: bool = False) -> list[tuple[int, int]]:
    starts = sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=4)))
    prices = draw(st.lists(st.integers(0, 40), min_size=len(starts), max_size=len(starts)))
    return list(zip(starts, sorted(prices, reverse=True) if falling else prices, strict=True))


quantities_of = st.lists(st.integers(1, 12), min_size=1, max_size=9)


class TestTheWorstCoalition:
    @given(st.lists(st.integers(1, 12), min_size=2, max_size=10), steps(), st.randoms(use_true_random=False))
    @settings(max_examples=200, deadline=None)
    def test_is_the_worst_of_all_coalitions_there_are(
        self, quantities: list[int], tiers: list[tuple[int, int]], dice: random.Random
    ) -> None:
        game = tariff(quantities, tiers)
        shares = [dice.randint(-20, 300) for _ in quantities]

        searched = game._knapsack(np.array(shares))
        worst = game.worst(shares)

        assert worst is not None
        assert worst.excess == brute.worst_excess(brute.tariff_costs(quantities, tiers), shares, len(quantities))
        assert worst.pays == sum(shares[place] for place in worst.places)
        assert worst.alone == game.cost(sum(quantities[place] for place in worst.places))
        assert int((searched.most[1:-1] - game.costs[1:-1]).max()) == worst.excess

    def test_is_found_among_two_to_the_fifty(self) -> None:
        dice = random.Random(50)
        game = tariff([dice.randint(1, 40) for _ in range(50)], [(1, 100), (200, 90), (700, 80)])
        shares = [80 * quantity for quantity in game.quantities]
        shares[7], shares[9] = shares[7] + 5000, shares[9] - 5000

        worst = game.worst(shares)

        assert worst is not None
        assert (7 in worst.places, 9 in worst.places) == (True, False)
        assert worst.excess == sum(shares[place] for place in worst.places) - game.cost(
            sum(game.quantities[place] for place in worst.places)
        )

    def test_of_a_lone_member_is_nobody(self) -> None:
        assert tariff([5], [(1, 10)]).worst([50]) is None
        assert listed([0, 7]).worst([7]) is None


class TestEveryRule:
    @given(quantities_of, steps())
    @settings(max_examples=120, deadline=None)
    def test_adds_up_and_states_its_worst_coalition(self, quantities: list[int], tiers: list[tuple[int, int]]) -> None:
        game = tariff(quantities, tiers)
        costs = brute.tariff_costs(quantities, tiers)

        decision = share(game)

        assert decision.total == costs[-1]
        assert [split.rule for split in decision.splits] == RULES
        for split in decision.splits:
            assert sum(split.shares) == costs[-1]
            if len(quantities) > 1:
                assert split.worst is not None
                assert split.worst.excess == brute.worst_excess(costs, split.shares, len(quantities))

    @given(quantities_of, steps(falling=True))
    @settings(max_examples=120, deadline=None)
    def test_that_promises_the_core_keeps_it_when_the_price_falls(
        self, quantities: list[int], tiers: list[tuple[int, int]]
    ) -> None:
        decision = share(tariff(quantities, tiers))

        assert decision.core_empty is False
        for rule in (SharingRule.PROPORTIONAL, SharingRule.NUCLEOLUS, SharingRule.CORE_SHAPLEY):
            split = decision.split(rule)
            assert split is not None
            assert split.in_core or split.only_rounding(1), rule

    @given(st.integers(2, 5), st.data())
    @settings(max_examples=60, deadline=None)
    def test_treats_equal_members_alike_to_the_unit(self, n: int, data: st.DataObject) -> None:
        game = tariff([data.draw(st.integers(1, 9))] * n + [3], data.draw(steps()))

        for split in share(game).splits:
            assert max(split.shares[:n]) - min(split.shares[:n]) <= 1, split.rule

    def test_gives_a_lone_member_the_whole(self) -> None:
        assert [split.shares for split in share(tariff([4], [(1, 9)])).splits] == [(36,)] * 4

    def test_is_not_offered_where_it_cannot_be_checked(self) -> None:
        game = tariff([10**6 + place for place in range(4000)], [(1, 10), (10**9, 9)])

        decision = share(game)

        assert [(one.rule, one.why.code) for one in decision.not_offered] == [
            (rule, "too_large_to_check") for rule in RULES[1:]
        ]
        split = decision.splits[0]
        assert (split.worst, split.why[-1].code) == (None, "in_core_as_price_never_rises")
        assert sum(split.shares) == decision.total

    def test_of_the_core_needs_no_shapley_where_the_core_is_one_point(self) -> None:
        game = tariff([7] * 30, [(1, 10), (100, 8)])

        decision = share(game, most_steps=0)

        assert [one.rule for one in decision.not_offered] == [SharingRule.SHAPLEY]
        nearest = decision.split(SharingRule.CORE_SHAPLEY)
        assert nearest is not None
        assert (nearest.shares, nearest.why[0].code) == ((56,) * 30, "only_point_of_the_core")

    def test_says_that_a_nucleolus_of_many_is_not_offered(self) -> None:
        game = tariff([5] * 20, [(1, 10), (100, 8)])

        decision = share(game)

        assert [(one.rule, one.why.code) for one in decision.not_offered] == [
            (SharingRule.NUCLEOLUS, "too_many_members")
        ]


class TestShapley:
    @given(st.lists(st.integers(1, 12), min_size=1, max_size=7), steps())
    @settings(max_examples=40, deadline=None)
    def test_is_the_mean_over_all_orders(self, quantities: list[int], tiers: list[tuple[int, int]]) -> None:
        game = tariff(quantities, tiers)
        exact = brute.shapley(brute.tariff_costs(quantities, tiers), len(quantities))

        assert list(listed_shapley(game.table())) == exact
        by_nodes = tariff_shapley(game)
        assert max(abs(a - b) for a, b in zip(by_nodes.shares, exact, strict=True)) < 1e-9
        assert sum(by_nodes.shares) == game.whole

    def test_of_eight_is_the_mean_over_all_orders(self) -> None:
        dice = random.Random(8)
        costs = [0, *(dice.randint(-50, 500) for _ in range(255))]

        assert list(listed_shapley(listed(costs).table())) == brute.shapley(costs, 8)

    def test_keeps_its_digits_at_two_hundred_members(self) -> None:
        dice = random.Random(2)
        game = tariff([dice.randint(1, 9) for _ in range(200)], [(1, 5000), (300, 4500), (900, 4000)])

        value = tariff_shapley(game)

        assert value.residual < 1e-6
        assert sum(value.shares) == game.whole

    def test_may_leave_the_core_of_a_falling_tariff(self) -> None:
        # Whoever leaves changes no price, so the core is the equal price alone; an average over orders misses that.
        decision = share(tariff([10, 10, 10, 1], [(1, 100), (20, 80)]))

        shapley = decision.split(SharingRule.SHAPLEY)
        nearest = decision.split(SharingRule.CORE_SHAPLEY)

        assert shapley is not None
        assert nearest is not None
        assert not shapley.in_core
        assert nearest.shares == (800, 800, 800, 80)


class TestNucleolus:
    @given(st.lists(st.integers(-30, 90), min_size=7, max_size=7))
    @settings(max_examples=60, deadline=None)
    def test_of_three_is_the_best_corner_of_all(self, costs: list[int]) -> None:
        found = nucleolus(listed([0, *costs]))

        assert found is not None
        assert list(found.shares) == brute.nucleolus_of_three([0, *costs])

    @given(st.lists(st.integers(0, 90), min_size=31, max_size=31), st.randoms(use_true_random=False))
    @settings(max_examples=25, deadline=None)
    def test_of_five_has_the_least_list_of_complaints(self, costs: list[int], dice: random.Random) -> None:
        game = listed([0, *costs])
        found = nucleolus(game)
        assert found is not None
        best = brute.complaints([0, *costs], found.shares, 5)
        alone = [costs[(1 << place) - 1] for place in range(5)]
        bounded = sum(alone) >= costs[-1]

        for _ in range(60):
            moved = list(found.shares)
            step = Fraction(dice.randint(1, 40), dice.choice([1, 7, 100]))
            one, other = dice.sample(range(5), 2)
            moved[one], moved[other] = moved[one] + step, moved[other] - step
            if bounded and any(x > c for x, c in zip(moved, alone, strict=True)):
                continue
            assert brute.complaints([0, *costs], moved, 5) > best

    def test_of_two_hundred_is_known_where_the_core_is_one_point(self) -> None:
        dice = random.Random(3)
        game = tariff([dice.randint(1, 30) for _ in range(200)], [(1, 100), (500, 90), (1500, 80)])

        found = nucleolus(game)

        assert found is not None
        assert found.method == "only_point_of_the_core"
        assert list(found.shares) == [80 * quantity for quantity in game.quantities]


class TestTheNearestPointOfTheCore:
    @given(st.integers(2, 6), st.data())
    @settings(max_examples=60, deadline=None)
    def test_satisfies_every_coalition_as_far_as_any_split_can(self, n: int, data: st.DataObject) -> None:
        costs = [0, *data.draw(st.lists(st.integers(0, 400), min_size=2**n - 1, max_size=2**n - 1))]
        game = listed(costs)

        found = nearest_in_core(game, listed_shapley(game.table()), game.whole)
        least = least_core(game)

        assert found is not None
        assert least is not None
        assert sum(found.shares) == game.whole
        assert brute.worst_excess(costs, found.shares, n) < max(least, 0) + n

    def test_is_nearest(self) -> None:
        # Three members, two of whom may buy at half price: the core is a triangle, Shapley lies outside.
        costs = [0, 100, 100, 100, 100, 200, 200, 190]
        game = listed(costs)
        value = listed_shapley(game.table())

        found = nearest_in_core(game, value, game.whole)

        assert found is not None
        candidates = [
            (a, b, 190 - a - b)
            for a in range(191)
            for b in range(191 - a)
            if brute.worst_excess(costs, (a, b, 190 - a - b), 3) <= 0
        ]
        assert candidates

        def away(point: tuple[int, ...]) -> Fraction:
            return sum(((x - s) ** 2 for x, s in zip(point, value, strict=True)), Fraction(0))

        assert away(found.shares) <= min(map(away, candidates)) + 2

    @given(st.lists(st.integers(1, 9), min_size=3, max_size=7), steps())
    @example([1, 3, 7, 7, 1, 8, 3], [(0, 28), (14, 20), (21, 1)])  # a core of one point, on which digits were lost
    @example([1, 3, 7, 7, 1, 8, 3], [(0, 30), (14, 20), (20, 1)])
    @settings(max_examples=30, deadline=None)
    def test_is_as_far_whichever_way_coalitions_are_looked_at(
        self, quantities: list[int], tiers: list[tuple[int, int]]
    ) -> None:
        game = tariff(quantities, tiers)
        value = listed_shapley(game.table())

        by_units = nearest_in_core(game, value, game.whole)
        by_list = nearest_in_core(listed([int(cost) for cost in game.table()]), value, game.whole)

        assert by_units is not None
        assert by_list is not None
        assert by_units.distance == pytest.approx(by_list.distance, rel=0.02, abs=0.02)


class TestRisingPrices:
    def test_empty_the_core_and_the_least_core_stands_in(self) -> None:
        decision = share(tariff([10, 10], [(1, 5), (15, 8)]))

        assert decision.core_empty is True
        assert [one.code for one in decision.why] == ["price_rises"]
        nearest = decision.split(SharingRule.CORE_SHAPLEY)
        assert nearest is not None
        assert (nearest.shares, nearest.why[0].code) == ((80, 80), "nearest_point_of_least_core")
        assert nearest.worst is not None
        assert nearest.worst.excess == 30


class TestOnOneFallingCurve:
    @given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 40), steps(falling=True))
    @settings(max_examples=200, deadline=None)
    def test_one_more_member_raises_nobodys_goods_price(
        self, quantities: list[int], more: int, tiers: list[tuple[int, int]]
    ) -> None:
        before, after = tariff(quantities, tiers), tariff([*quantities, more], tiers)

        paid = share(before, [SharingRule.PROPORTIONAL]).splits[0].exact
        pays = share(after, [SharingRule.PROPORTIONAL]).splits[0].exact

        assert paid is not None
        assert pays is not None
        assert all(now <= then for now, then in zip(pays, paid, strict=False))


class TestDecimals:
    def test_of_quantities_and_prices_are_counted_exactly(self) -> None:
        # 0.5 and 1.25 kg at 3.333 cents a kg, 3.3 from 1.6 kg on: 1.75 x 3.3 = 5.775 cents, 6 when rounded.
        game = TariffGame.of(
            ("a", "b"),
            (Decimal("0.5"), Decimal("1.25")),
            ((Decimal(0), Fraction("3.333")), (Decimal("1.6"), Fraction("3.3"))),
        )

        decision = share(game)

        assert (game.quantities, Fraction(game.whole, game.parts)) == ((2, 5), Fraction("5.775"))
        assert decision.total == 6
        assert all(sum(split.shares) == 6 for split in decision.splits)


class TestAJointPriceOfItsOwn:
    @given(st.lists(st.integers(1, 12), min_size=2, max_size=7), steps(), st.integers(0, 3000))
    @settings(max_examples=60, deadline=None)
    def test_takes_the_place_of_the_tariff_for_all_together(
        self, quantities: list[int], tiers: list[tuple[int, int]], joint: int
    ) -> None:
        made = tariff(quantities, tiers)
        game = TariffGame(made.members, made.quantities, made.steps, 1, joint)
        costs = [*brute.tariff_costs(quantities, tiers)[:-1], joint]

        decision = share(game)

        assert decision.total == joint
        assert list(listed_shapley(game.table())) == brute.shapley(costs, len(quantities))
        assert (
            max(abs(a - b) for a, b in zip(tariff_shapley(game).shares, listed_shapley(game.table()), strict=True))
            < 1e-9
        )
        for split in decision.splits:
            assert sum(split.shares) == joint
            assert split.worst is not None
            assert split.worst.excess == brute.worst_excess(costs, split.shares, len(quantities))
            if game.falling and split.rule == SharingRule.PROPORTIONAL:
                assert split.in_core or split.only_rounding(1)


class TestRefuses:
    def test_nobody(self) -> None:
        with pytest.raises(NothingToShare):
            tariff([], [(1, 5)])

    @pytest.mark.parametrize("quantity", [0, -3])
    def test_a_quantity_that_is_none(self, quantity: int) -> None:
        with pytest.raises(NothingToShare) as refused:
            tariff([4, quantity], [(1, 5)])

        assert refused.value.facts == {"place": "members[1].quantity", "quantity": quantity}

    @pytest.mark.parametrize(
        ("tiers", "place"),
        [
            ([], "tiers"),
            ([(1, 5), (1, 4)], "tiers[1].from"),
            ([(9, 5), (1, 4)], "tiers[1].from"),
            ([(-1, 5)], "tiers[0].from"),
            ([(1, -5)], "tiers[0].price"),
            ([(1, 2**58)], "tiers[0].price"),
        ],
    )
    def test_tiers_that_are_none(self, tiers: list[tuple[int, int]], place: str) -> None:
        with pytest.raises(BadValue) as refused:
            tariff([4, 5], tiers)

        assert refused.value.facts["place"] == place

    def test_a_name_twice_and_a_table_that_is_short(self) -> None:
        with pytest.raises(BadValue):
            TariffGame(("a", "a"), (1, 2), (PriceStep(1, 5),))
        with pytest.raises(BadValue):
            ListedGame(("a", "b"), (0, 1, 2))


class TestEqualPrice:
    def test_gains_peak_at_38_percent(self) -> None:
        # With the others' quantity held at 1, what a member of q gains is sqrt(q) - q / sqrt(q + 1).
        gains = {q: q**0.5 - q / (q + 1) ** 0.5 for q in (0.55, 0.6, PEAK_SHARE / (1 - PEAK_SHARE), 0.65, 0.7)}

        assert max(gains, key=gains.__getitem__) == pytest.approx(0.618034, abs=1e-6)
        assert gain_at_equal_price(1.0) == 0

    def test_names_the_member_above_it(self) -> None:
        assert paid_less_than_they_bring([382, 618]) == (0, 1)
        assert paid_less_than_they_bring([38, 31, 31]) == ()
        assert paid_less_than_they_bring([39, 31, 30]) == (0,)
        assert paid_less_than_they_bring([5]) == ()
