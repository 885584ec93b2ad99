from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.refusals import BadValue
from procurement.engines.allocation_rules import ALLOCATION_RULES
from procurement.engines.clearing import (
    Clearing,
    Demand,
    Level,
    Market,
    Outcome,
    PriceCurve,
    Tier,
    clear_market,
    demand_of_rows,
)
from procurement.engines.pooling import Step, clear_one_closing


def levels(*pairs: tuple[int | None, int]) -> tuple[Level, ...]:
    return tuple(Level(None if price is None else Decimal(price), Decimal(quantity)) for price, quantity in pairs)


def curve(*pairs: tuple[int, int], supplier: str = "Teng", **more: Any) -> PriceCurve:
    return PriceCurve(supplier, tuple(Tier(Decimal(start), Decimal(price)) for start, price in pairs), **more)


LIN = Demand("Lin", levels((85, 60)))
BAO = Demand("Bao", levels((None, 40)))
WEI = Demand("Wei", levels((105, 10), (95, 20)))
TENG = curve((1, 100), (50, 90), (130, 80))


@st.composite
def demands(draw: st.DrawFn) -> tuple[Demand, ...]:
    found = []
    for place in range(draw(st.integers(0, 5))):
        prices = sorted(draw(st.sets(st.integers(0, 14), max_size=3)), reverse=True)
        added = draw(st.lists(st.integers(0, 6), min_size=len(prices), max_size=len(prices)))
        wants: list[tuple[int | None, int]] = list(zip(prices, accumulate(added), strict=True))
        if draw(st.booleans()):
            first = draw(st.integers(0, 4))
            wants = [(None, first), *((price, quantity + first) for price, quantity in wants)]
        found.append(Demand(f"m{place}", levels(*wants), sequence=place))
    return tuple(found)


@st.composite
def falling(draw: st.DrawFn, supplier: str = "Teng") -> PriceCurve:
    starts = sorted(draw(st.sets(st.integers(0, 20), min_size=1, max_size=4)))
    prices = sorted(draw(st.lists(st.integers(0, 12), min_size=len(starts), max_size=len(starts))), reverse=True)
    freight = {f"m{place}": Decimal(draw(st.integers(0, 4))) for place in range(5)}
    return curve(*zip(starts, prices, strict=True), supplier=supplier, freight=freight)


def price_of(outcome: Outcome) -> Decimal:
    return outcome.tier.price if outcome.tier else Decimal("Infinity")


def lines_of(market: Market, offer: PriceCurve) -> list[tuple[str, Fraction, Fraction | None]]:
    """Member, quantity and the most its goods may cost (None: anything), one for each step of each curve."""
    fee = 1 + Fraction(market.fee_percent) / 100
    found = []
    for demand in market.demands:
        before, freight = Fraction(0), Fraction(offer.freight.get(demand.member, 0))
        for level in demand.levels:
            limit = None if level.price is None else (Fraction(level.price) - freight) / fee
            found.append((demand.member, Fraction(level.quantity) - before, limit))
            before = Fraction(level.quantity)
    return found


def by_drop_out(market: Market, offer: PriceCurve) -> tuple[Tier | None, dict[str, Fraction]]:
    """Award with all bound demand, drop what its landed price is too dear for, repeat until nobody drops."""
    standing = lines_of(market, offer)
    while True:
        whole = sum((quantity for _, quantity, _ in standing), Fraction(0))
        tier = next((one for one in reversed(offer.tiers) if whole and Fraction(one.start) <= whole), None)
        if tier is None:
            return None, {}
        stay = [one for one in standing if one[2] is None or tier.price <= one[2]]
        if len(stay) == len(standing):
            got: dict[str, Fraction] = {}
            for member, quantity, _ in stay:
                got[member] = got.get(member, Fraction(0)) + quantity
            return tier, got
        standing = stay


def by_trying_every_set(market: Market, offer: PriceCurve) -> Fraction:
    """The largest quantity of any set of wants in which everybody accepts the price of the set's own quantity."""
    lines, best = [one for one in lines_of(market, offer) if one[1]], Fraction(0)
    for chosen in range(1, 2 ** len(lines)):
        inside = [one for place, one in enumerate(lines) if chosen >> place & 1]
        whole = sum(quantity for _, quantity, _ in inside)
        tier = next((one for one in reversed(offer.tiers) if one.start <= whole), None)
        if tier and all(limit is None or tier.price <= limit for _, _, limit in inside):
            best = max(best, Fraction(whole))
    return best


def random_markets(count: int, seed: int) -> Iterator[Market]:
    chance = random.Random(seed)
    for _ in range(count):
        asking = []
        for place in range(chance.randint(0, 4)):
            prices = sorted(chance.sample(range(1, 15), chance.randint(1, 2)), reverse=True)
            wants: list[tuple[int | None, int]] = list(
                zip(prices, accumulate(chance.randint(0, 6) for _ in prices), strict=True)
            )
            asking.append(Demand(f"m{place}", levels(*wants), sequence=place))
        starts = sorted(chance.sample(range(20), 3))
        offers = [
            curve(
                *zip(starts, sorted((chance.randint(1, 12) for _ in starts), reverse=True), strict=True),
                supplier=name,
                freight={f"m{place}": Decimal(chance.randint(0, 3)) for place in range(4)},
            )
            for name in ("Teng", "Hua")[: chance.randint(1, 2)]
        ]
        yield Market(tuple(asking), tuple(offers), fee_percent=Decimal(chance.choice([0, 0, 5])))


class TestOneCurve:
    @given(demands(), falling(), st.sampled_from([Decimal(0), Decimal("2.5")]))
    def test_equals_the_drop_out_rounds_after_opening(
        self, asking: tuple[Demand, ...], offer: PriceCurve, fee: Decimal
    ) -> None:
        market = Market(asking, (offer,), fee_percent=fee)

        found = clear_market(market).outcomes[0]

        tier, got = by_drop_out(market, offer)
        assert found.tier == tier
        assert {one.member: one.got for one in found.places if one.got} == {m: q for m, q in got.items() if q}

    def test_a_thousand_small_markets_equal_brute_force(self) -> None:
        for market in random_markets(1_000, seed=7):
            for outcome in clear_market(market).outcomes:
                offer = next(one for one in market.curves if one.supplier == outcome.supplier)
                assert outcome.sold == by_trying_every_set(market, offer)

    @given(demands(), falling(), demands())
    def test_another_member_never_raises_anybodys_price(
        self, asking: tuple[Demand, ...], offer: PriceCurve, more: tuple[Demand, ...]
    ) -> None:
        newcomers = tuple(replace(one, member=f"new {one.member}") for one in more)

        before = clear_market(Market(asking, (offer,))).outcomes[0]
        after = clear_market(Market(asking + newcomers, (offer,))).outcomes[0]

        assert price_of(after) <= price_of(before)
        served = {one.member: one.got for one in after.places}
        assert all(served[one.member] >= one.got for one in before.places)

    @given(demands(), falling(), st.randoms(use_true_random=False))
    def test_the_order_of_members_does_not_matter(
        self, asking: tuple[Demand, ...], offer: PriceCurve, shuffling: random.Random
    ) -> None:
        mixed = list(asking)
        shuffling.shuffle(mixed)

        one, two = clear_market(Market(asking, (offer,))), clear_market(Market(tuple(mixed), (offer,)))

        assert (one.outcomes[0].tried, one.outcomes[0].gain) == (two.outcomes[0].tried, two.outcomes[0].gain)
        assert set(map(repr, one.outcomes[0].places)) == set(map(repr, two.outcomes[0].places))

    @given(demands(), falling())
    def test_what_is_missing_does_reach_the_next_step(self, asking: tuple[Demand, ...], offer: PriceCurve) -> None:
        before = clear_market(Market(asking, (offer,))).outcomes[0]
        step = before.next_step
        if step is None:
            return
        joins = Demand("new", (Level(None, step.missing),))
        fewer = Demand("new", (Level(None, step.missing - Decimal("0.000001")),))

        after = clear_market(Market((*asking, joins), (offer,))).outcomes[0]
        almost = clear_market(Market((*asking, fewer), (offer,))).outcomes[0]

        assert price_of(after) <= step.tier.price < price_of(almost)
        if before.tier:
            assert step.less == 1 - Fraction(step.tier.price) / Fraction(before.tier.price)

    @given(demands(), falling())
    def test_agrees_with_pooling_where_everybody_has_one_ceiling(
        self, asking: tuple[Demand, ...], offer: PriceCurve
    ) -> None:
        singles = [(one.member, one.levels[0]) for one in asking if one.levels and one.levels[0].quantity]
        singles = [one for one in singles if one[1].price]
        steps = [Step(int(tier.start), int(tier.price)) for tier in offer.tiers if tier.start > 0]
        if not singles or not steps:
            return
        bare = replace(offer, tiers=tuple(tier for tier in offer.tiers if tier.start > 0), freight={})

        ours = clear_market(Market(tuple(Demand(name, (level,)) for name, level in singles), (bare,))).outcomes[0]
        theirs = clear_one_closing(
            [int(level.quantity) for _, level in singles], [int(level.price or 0) for _, level in singles], steps
        )

        assert (ours.tier.start if ours.tier else None) == (theirs.step.start if theirs.step else None)
        assert ours.sold == theirs.quantity


class TestScarceGoods:
    @given(demands(), falling(), st.integers(1, 25), st.integers(1, 7), st.sampled_from(ALLOCATION_RULES))
    def test_sells_whole_packs_within_the_capacity_and_nobody_gets_too_much(
        self, asking: tuple[Demand, ...], offer: PriceCurve, capacity: int, pack: int, rule: str
    ) -> None:
        limited = replace(offer, capacity=Decimal(capacity), pack=Decimal(pack))

        found = clear_market(Market(asking, (limited,), rule=rule)).outcomes[0]

        assert found.sold % pack == 0
        assert found.sold <= min(Decimal(capacity), found.demand)
        assert sum(one.got for one in found.places) == found.sold
        assert all(0 <= one.got <= one.wanted for one in found.places)
        assert all(one.out >= 0 for one in found.places)
        if found.tier:
            assert found.tier.start <= found.sold

    def test_the_named_rule_shares_what_there_is(self) -> None:
        market = Market((LIN, BAO), (replace(TENG, capacity=Decimal(50)),), rule="max_min")
        dear = Demand("Lin", levels((200, 60)))

        found = clear_market(replace(market, demands=(dear, BAO))).outcomes[0]

        assert {one.member: (one.got, one.why.code) for one in found.places} == {
            "Lin": (25, "part_max_min"),
            "Bao": (25, "part_max_min"),
        }

    def test_a_pack_larger_than_the_pool_sells_nothing_and_says_what_is_missing(self) -> None:
        found = clear_market(Market((BAO,), (replace(TENG, pack=Decimal(100)),)))

        assert (found.chosen, found.why.code) == (None, "no_tier_reached")
        assert found.outcomes[0].next_step is not None
        assert found.outcomes[0].next_step.missing == 60

    def test_a_tier_beyond_the_capacity_is_never_promised(self) -> None:
        found = clear_market(Market((LIN, BAO), (replace(TENG, capacity=Decimal(60)),))).outcomes[0]

        assert [one.missing for one in found.tried] == [0, 10, None]
        assert found.next_step is not None
        assert found.next_step.tier.start == 50


class TestSeveralSuppliers:
    def test_a_thousand_small_markets_take_the_curve_at_which_members_gain_most(self) -> None:
        for market in random_markets(1_000, seed=11):
            fee = 1 + Fraction(market.fee_percent) / 100
            gains = {}
            for offer in market.curves:
                tier, _ = by_drop_out(market, offer)
                if tier is not None:
                    accepted = [one for one in lines_of(market, offer) if one[2] is not None and tier.price <= one[2]]
                    gains[offer.supplier] = sum(
                        (q * (limit - Fraction(tier.price)) * fee for _, q, limit in accepted), Fraction(0)
                    )

            chosen = clear_market(market).chosen

            assert (chosen is None) == (not gains)
            if chosen:
                assert Fraction(chosen.gain) == gains[chosen.supplier] == max(gains.values())

    def test_a_little_more_served_at_twice_the_price_is_not_cheaper(self) -> None:
        wanting = Demand("Lin", levels((None, 100)))
        small, dear = curve((1, 10), supplier="Small", capacity=Decimal(99)), curve((1, 20), supplier="Dear")

        found = clear_market(Market((wanting,), (dear, small)))

        assert [(one.supplier, one.gain) for one in found.outcomes] == [("Small", 990), ("Dear", 0)]
        assert found.why.code == "members_gain_most"

    def test_equal_suppliers_are_taken_by_name_whatever_their_order(self) -> None:
        one, two = curve((1, 10), supplier="A"), curve((1, 10), supplier="B")

        assert [
            found.chosen.supplier
            for found in (clear_market(Market((BAO,), pair)) for pair in ((one, two), (two, one)))
            if found.chosen
        ] == ["A", "A"]


def cleared(*asking: Demand, offer: PriceCurve = TENG) -> Clearing:
    return clear_market(Market(asking, (offer,)))


class TestCorners:
    def test_an_empty_pool_reaches_nothing(self) -> None:
        found = cleared()

        assert (found.chosen, found.outcomes[0].places) == (None, ())
        assert found.outcomes[0].next_step is not None
        assert (found.outcomes[0].next_step.missing, found.outcomes[0].next_step.percent) == (1, None)

    def test_one_member_pays_its_own_step(self) -> None:
        found = cleared(BAO).outcomes[0]

        assert (price_of(found), [one.got for one in found.places]) == (100, [40])

    def test_a_start_of_nothing_still_needs_somebody(self) -> None:
        assert cleared(offer=curve((0, 9))).chosen is None
        assert price_of(cleared(BAO, offer=curve((0, 9))).outcomes[0]) == 9

    def test_a_level_of_zero_wants_nothing_there(self) -> None:
        found = cleared(Demand("Lin", levels((120, 0), (100, 7)))).outcomes[0]

        assert [(one.got, one.why.code) for one in found.places] == [(7, "in_full")]

    def test_a_curve_of_zeros_is_a_member_that_wants_nothing(self) -> None:
        found = cleared(BAO, Demand("Lin", levels((120, 0))), Demand("Wei", ())).outcomes[0]

        assert [one.why.code for one in found.places] == ["in_full", "wants_nothing", "wants_nothing"]

    def test_a_level_that_adds_nothing_changes_nothing(self) -> None:
        assert cleared(Demand("Lin", levels((110, 7), (60, 7)))).outcomes[0].places == (
            cleared(Demand("Lin", levels((110, 7)))).outcomes[0].places
        )

    def test_freight_above_every_level_keeps_a_member_out(self) -> None:
        found = cleared(BAO, LIN, offer=replace(TENG, freight={"Lin": Decimal(86)})).outcomes[0]

        assert [(one.got, one.why.code) for one in found.places] == [(40, "in_full"), (0, "price_above_levels")]
        assert found.places[1].landed == 186

    def test_a_fee_counts_on_the_goods(self) -> None:
        exactly, less = Demand("Lin", levels((103, 5))), Demand("Wei", (Level(Decimal("102.999999"), Decimal(5)),))
        market = Market((exactly, less), (curve((1, 100), freight={"Lin": Decimal(1), "Wei": Decimal(1)}),))

        found = clear_market(replace(market, fee_percent=Decimal(2))).outcomes[0]

        assert [(one.got, one.landed) for one in found.places] == [(5, 103), (0, 103)]

    def test_rows_with_ceilings_make_a_demand_curve(self) -> None:
        rows = [(Decimal(90), Decimal(5)), (None, Decimal(2)), (Decimal(95), Decimal(1)), (Decimal(90), Decimal(3))]

        assert demand_of_rows("Lin", rows) == Demand("Lin", levels((None, 2), (95, 3), (90, 11)))


class TestRefusals:
    @pytest.mark.parametrize(
        ("changed", "place", "reason"),
        [
            ({"demands": (Demand("Lin", levels((90, 5), (95, 6))),)}, "Lin.levels[1].price", "rises"),
            ({"demands": (Demand("Lin", levels((90, 5), (90, 6))),)}, "Lin.levels[1].price", "stands twice"),
            ({"demands": (Demand("Lin", levels((90, 5), (80, 4))),)}, "Lin.levels[1].quantity", "falls"),
            (
                {"demands": (Demand("Lin", levels((90, 5), (None, 9))),)},
                "Lin.levels[1].price",
                "any price stands first",
            ),
            ({"demands": (Demand("Lin", levels((90, -5))),)}, "Lin.levels[0].quantity", "negative"),
            ({"demands": (Demand("Lin", levels((-1, 5))),)}, "Lin.levels[0].price", "negative"),
            ({"demands": (Demand("Lin", levels((90, 10**13))),)}, "Lin.levels[0].quantity", "beyond the column"),
            ({"demands": (LIN, LIN)}, "members", "stands twice"),
            ({"curves": ()}, "suppliers", "no price curve"),
            ({"curves": (TENG, TENG)}, "suppliers", "stands twice"),
            ({"curves": (curve(),)}, "Teng.tiers", "no tier"),
            ({"curves": (curve((1, 9), (5, 10)),)}, "Teng.tiers[1].price", "rises above 9"),
            ({"curves": (curve((1, 9), (1, 8)),)}, "Teng.tiers[1].start", "overlaps: not above 1"),
            ({"curves": (curve((5, 9), (1, 8)),)}, "Teng.tiers[1].start", "overlaps: not above 5"),
            ({"curves": (curve((1, 9), pack=Decimal(0)),)}, "Teng.pack", "nothing"),
            ({"curves": (curve((1, 9), capacity=Decimal(-3)),)}, "Teng.capacity", "negative"),
            ({"curves": (curve((1, 9), freight={"Lin": Decimal("NaN")}),)}, "Teng.freight.Lin", "not a number"),
            ({"rule": "loudest"}, "rule", "none of first_come"),
            ({"fee_percent": Decimal(101)}, "fee_percent", "above 100"),
        ],
    )
    def test_name_place_value_and_reason(self, changed: dict[str, Any], place: str, reason: str) -> None:
        with pytest.raises(BadValue) as refused:
            clear_market(replace(Market((LIN,), (TENG,)), **changed))

        assert refused.value.facts["place"] == place
        assert str(refused.value.facts["reason"]).startswith(reason)
        assert "value" in refused.value.facts

    def test_more_than_64_bits_hold_together(self) -> None:
        full = Decimal(9_000_000_000_000)
        two = (Demand("Lin", (Level(None, full),)), Demand("Bao", (Level(None, full),)))

        with pytest.raises(BadValue) as refused:
            clear_market(Market(two, (TENG,)))

        assert refused.value.facts["reason"] == "too much to add up"
