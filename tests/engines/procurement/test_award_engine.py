from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from marketplace.kernel.refusals import BadValue
from procurement.engines.award import (
    INFEASIBLE,
    PROVED,
    Award,
    AwardLine,
    AwardProblem,
    Unserved,
    price_of_constraints,
    solve_award,
)
from procurement.engines.award.model import build
from procurement.engines.award.parts import parts_of
from procurement.engines.award.proof import plain, simple_multipliers
from procurement.engines.award_check import check_award
from tests.engines.procurement.pump_tender import RAW, TENDER
from tests.engines.procurement.small_awards import cheapest, small_problems


def decide(problem: dict[str, Any], **options: Any) -> Award:
    return solve_award(AwardProblem.from_json(json.dumps(problem)), **options)


def changed(**rules: int) -> dict[str, Any]:
    return TENDER | {"rules": TENDER["rules"] | rules}


many = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


class TestSolveAward:
    def test_awards_the_pump_tender_as_worked_by_hand(self) -> None:
        award = solve_award(AwardProblem.from_json(RAW), raw=RAW)

        assert award.lines == (
            AwardLine("teng-bodies", "north", 60),
            AwardLine("hua-bodies", "south", 40),
            AwardLine("ming-seals", "south", 50),
        )
        assert award.total == 60 * (700 + 10 + 5) + 40 * (690 + 10) + 50 * (90 + 5) + 3 * 500
        assert (award.status, award.bound_exact) == (PROVED, Fraction(77150))

    @many
    @given(small_problems())
    def test_costs_what_trying_everything_costs(self, problem: dict[str, Any]) -> None:
        award = decide(problem)

        least = cheapest(problem)
        assert (None if award.status == INFEASIBLE else award.total) == least

    @many
    @given(small_problems())
    def test_proves_small_awards_and_the_checker_agrees(self, problem: dict[str, Any]) -> None:
        raw = json.dumps(problem).encode()
        award = solve_award(AwardProblem.from_json(raw), raw=raw, prices_to_win=False)

        if award.status != INFEASIBLE:
            assert award.status == PROVED
            assert check_award(raw, award.to_json()) == []

    def test_gives_the_same_award_twice(self) -> None:
        first, second = decide(TENDER), decide(TENDER)

        assert first == second

    def test_gives_a_tie_to_the_bid_that_stands_first(self) -> None:
        twins = copy.deepcopy(TENDER)
        twins["bids"] = [
            {**TENDER["bids"][1], "bid": f"twin-{supplier}", "supplier": supplier}
            for supplier in ("Yue", "Ming", "Teng")
        ]
        twins["packages"] = []

        winners = {line.bid for line in decide(twins).lines}

        assert winners == {"twin-Yue"}

    def test_leaves_unserved_what_is_dearer_than_its_reserve(self) -> None:
        problem = copy.deepcopy(TENDER)
        problem["lots"][1]["reserve"] = 94

        award = decide(problem)

        assert award.unserved == (Unserved("seals", "south", 50),)

    def test_fills_bands_in_order_when_tiers_are_incremental(self) -> None:
        problem = changed(winners_max=1) | {"mode": "incremental", "packages": []}
        problem["bids"] = [TENDER["bids"][0]]

        award = decide(problem)

        goods = 59 * 800 + 41 * 700
        assert award.total == goods + 60 * 15 + 40 * 35 + 50 * 200 + 500

    def test_says_why_no_award_exists(self) -> None:
        award = decide(changed(winners_min=5, winners_max=6))

        assert award.status == INFEASIBLE
        assert award.to_json() == {
            "kind": "award",
            "status": "infeasible",
            "why": [{"code": "rules_exclude_all", "winners_min": 5, "bidders": 4}],
        }

    def test_names_of_offers_may_hold_colons(self) -> None:
        text = RAW.decode().replace("teng-bodies", "teng:bodies:0").replace("ming-seals", "100%:x")
        award = solve_award(AwardProblem.from_json(text), raw=text.encode())

        assert check_award(text.encode(), award.to_json()) == []


class TestParts:
    @many
    @given(small_problems())
    def test_independent_parts_cost_together_what_the_whole_costs(self, problem: dict[str, Any]) -> None:
        free = problem | {"rules": problem["rules"] | {"winners_min": 0, "winners_max": 9}}
        whole = AwardProblem.from_json(json.dumps(free))

        parts = parts_of(whole)

        assert sorted(lot.lot for part in parts for lot in part.lots) == sorted(lot.lot for lot in whole.lots)
        assert sum(len(part.bids) + len(part.packages) for part in parts) == len(whole.bids) + len(whole.packages)
        assert sum(cheapest(json.loads(part.to_json())) or 0 for part in parts) == cheapest(free)


class TestReasons:
    def test_each_winner_is_explained_with_its_landed_price(self) -> None:
        reasons = {one.facts["bid"]: one for one in decide(TENDER).why}

        assert reasons["teng-bodies"].code == "cheapest_landed"
        assert reasons["teng-bodies"].facts["landed"] == "715"

    def test_a_bid_that_cannot_fit_never_wins(self) -> None:
        lost = {one.offer: one for one in decide(TENDER).rejected}

        assert lost["yue-seals"].how == "never"
        assert lost["yue-seals"].why.facts == {"least": 60, "most": 50}

    def test_a_package_knows_what_it_had_to_be_cheaper_by(self) -> None:
        lost = {one.offer: one for one in decide(TENDER).rejected}

        package = 90_000 + 60 * 15 + 40 * 35 + 50 * 10 + 500
        assert lost["teng-both"].at_least == lost["teng-both"].at_most == package - 77_150

    @many
    @given(small_problems(max_bids=3))
    def test_a_loser_ties_at_its_discount_and_wins_beyond_it(self, problem: dict[str, Any]) -> None:
        award = decide(problem)

        for lost in award.rejected:
            if lost.how == "never":
                assert cheapest(_cut(problem, lost.offer, Fraction(10**6))) == award.total
            else:
                assert lost.at_least is not None
                scale, units = lost.at_least.denominator, lost.at_least.numerator
                assert cheapest(_cut(problem, lost.offer, Fraction(units, scale))) == award.total * scale
                assert cheapest(_cut(problem, lost.offer, Fraction(units, scale), 1)) < award.total * scale  # type: ignore[operator]

    def test_an_award_out_of_time_gives_intervals_that_hold(self) -> None:
        settled = {one.offer: one for one in decide(TENDER).rejected}
        hurried = {one.offer: one for one in decide(TENDER, seconds=0.06).rejected}

        for offer, lost in hurried.items():
            assert lost.how != "interval" or lost.at_least <= settled[offer].at_least  # type: ignore[operator]


class TestBounds:
    @many
    @given(small_problems())
    def test_simple_multipliers_bound_every_award(self, problem: dict[str, Any]) -> None:
        model = build(AwardProblem.from_json(json.dumps(problem)))
        least = cheapest(problem)

        bound = plain(model.linear, simple_multipliers(model)).bound

        assert least is None or bound <= least


BAD = [
    ("bids[0].tiers[1].from", 61, "teng-bodies.tiers[1].from", "a gap at 60"),
    ("bids[0].tiers[1].from", 59, "teng-bodies.tiers[1].from", "an overlap at 60"),
    ("bids[0].tiers[0].to", 9, "teng-bodies.tiers[0].to", "ends before 10"),
    ("bids[0].tiers[0].from", 0, "teng-bodies.tiers[0].from", "less than 1"),
    ("bids[0].tiers[0].price", -1, "teng-bodies.tiers[0].price", "negative"),
    ("bids[0].tiers[0].price", 7.5, "bids[0].tiers[0].price", "not an integer"),
    ("bids[0].tiers[0].price", True, "bids[0].tiers[0].price", "not an integer"),
    ("bids[0].tiers[0].price", 2**53, "bids[0].tiers[0].price", "too large"),
    ("bids[0].tiers", [], "teng-bodies.tiers", "no tier"),
    ("bids[0].supplier", "Mallory", "teng-bodies.supplier", "unknown"),
    ("bids[0].lot", "valves", "teng-bodies.lot", "unknown"),
    ("bids[0].bid", "hua-bodies", "bids", "stands twice"),
    ("bids[0].freight", {"north": 1}, "teng-bodies.freight", "missing"),
    ("bids[0].freight.east", 1, "teng-bodies.freight", "unknown"),
    ("packages[0].quantities.valves", 4, "teng-both.freight", "missing"),
    ("packages[0].quantities.seals", 0, "teng-both.quantities.seals", "less than 1"),
    ("packages[0].price", -5, "teng-both.price", "negative"),
    ("lots[0].demand.north", -1, "bodies.demand.north", "negative"),
    ("rules.winners_max", 0, "rules.winners_max", "less than winners_min 1"),
    ("mode", "stepwise", "mode", "neither all_units nor incremental"),
    ("kind", "allocation", "kind", "not award"),
    ("lots[0].reserve", 2**52, None, None),
]


class TestAwardProblem:
    @pytest.mark.parametrize(("path", "value", "place", "reason"), BAD)
    def test_refuses_what_makes_no_sense(self, path: str, value: Any, place: str | None, reason: str | None) -> None:
        problem = copy.deepcopy(TENDER)
        _put(problem, path, value)

        if place is None:
            AwardProblem.from_json(json.dumps(problem))
            return
        with pytest.raises(BadValue) as refused:
            AwardProblem.from_json(json.dumps(problem))
        assert (refused.value.facts["place"], refused.value.facts["reason"]) == (place, reason)

    def test_refuses_a_package_over_a_foreign_lot(self) -> None:
        problem = copy.deepcopy(TENDER)
        for key, value in (("quantities", 4), ("criteria", 0), ("freight", {"north": 1, "south": 1})):
            problem["packages"][0][key]["valves"] = value

        with pytest.raises(BadValue) as refused:
            AwardProblem.from_json(json.dumps(problem))
        assert refused.value.facts == {"place": "teng-both.quantities", "value": "valves", "reason": "unknown"}

    @pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"kind": NaN}', b'{"kind":"award","kind":"award"}', b"\xff"])
    def test_refuses_what_is_no_document(self, text: bytes) -> None:
        with pytest.raises(BadValue):
            AwardProblem.from_json(text)

    def test_writes_back_what_it_read(self) -> None:
        assert json.loads(AwardProblem.from_json(RAW).to_json()) == TENDER

    def test_refuses_more_money_than_a_ledger_holds(self) -> None:
        problem = copy.deepcopy(TENDER)
        problem["lots"][0]["demand"]["north"], problem["lots"][0]["reserve"] = 10**9, 10**12

        with pytest.raises(BadValue, match="ledger"):
            AwardProblem.from_json(json.dumps(problem))


def _put(problem: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.replace("[", ".").replace("]", "").split(".")
    place: Any = problem
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    place[int(last) if last.isdigit() else last] = value


def _cut(problem: dict[str, Any], offer: str, discount: Fraction, more: int = 0) -> dict[str, Any]:
    """The problem in money `discount.denominator` times finer, with one offer cheaper by `discount` (and `more`)."""
    scale, units = discount.denominator, discount.numerator + more
    cut = copy.deepcopy(problem)
    cut["rules"]["fixed_cost_per_winner"] *= scale
    for lot in cut["lots"]:
        lot["reserve"] *= scale
    for bid in cut["bids"]:
        bid["criteria"] *= scale
        bid["freight"] = {region: money * scale for region, money in bid["freight"].items()}
        for tier in bid["tiers"]:
            tier["price"] = tier["price"] * scale - (units if bid["bid"] == offer else 0)
    for package in cut["packages"]:
        package["price"] = package["price"] * scale - (units if package["package"] == offer else 0)
        package["criteria"] = {lot: money * scale for lot, money in package["criteria"].items()}
        for lot, freight in package["freight"].items():
            package["freight"][lot] = {region: money * scale for region, money in freight.items()}
    return cut


@pytest.mark.soak
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(small_problems())
def test_a_thousand_small_tenders_cost_what_trying_everything_costs(problem: dict[str, Any]) -> None:
    raw = json.dumps(problem).encode()
    award = solve_award(AwardProblem.from_json(raw), raw=raw, prices_to_win=False)

    assert (None if award.status == INFEASIBLE else award.total) == cheapest(problem)
    assert award.status == INFEASIBLE or check_award(raw, json.dumps(award.to_json())) == []


class TestPriceOfConstraints:
    def test_a_rule_costs_what_the_award_saves_without_it(self) -> None:
        problem = AwardProblem.from_json(json.dumps(changed(winners_max=2)))
        award = solve_award(problem)

        prices = {(one.constraint, one.supplier): one for one in price_of_constraints(problem, award, 20.0)}

        saved = award.total - decide(TENDER).total
        assert (prices["winners_max", None].how, prices["winners_max", None].at_least) == ("exact", saved)
        assert prices["winners_min", None].at_least == 0
        assert {one for rule, one in prices if rule == "limit"} == {"Teng", "Hua", "Ming", "Yue"}

    def test_says_where_there_was_no_time(self) -> None:
        problem = AwardProblem.from_json(RAW)

        prices = price_of_constraints(problem, solve_award(problem), 0.0)

        assert {one.how for one in prices} == {"unknown"}
