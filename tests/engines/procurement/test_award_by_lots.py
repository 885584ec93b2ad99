from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from procurement.engines.award import AwardProblem, cost, solve_award
from procurement.engines.award.by_lots import ByLots, decide_by_lots
from procurement.engines.award.lots import tabulate
from procurement.engines.award.lots_explain import Losers
from procurement.engines.award.warm import warm
from procurement.engines.award_check import check_award, derive_bound
from procurement.engines.linear import Stopwatch
from tests.engines.procurement.small_awards import cheapest, small_problems
from tests.engines.procurement.test_award_engine import _cut

few = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
lots_wide = small_problems(max_bids=4, max_packages=2)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    warm()


def by_lots(problem: dict[str, Any], seconds: float = 0.15) -> ByLots:
    return decide_by_lots(tabulate(AwardProblem.from_json(json.dumps(problem))), Stopwatch(seconds))


def wide_problem(seed: int) -> dict[str, Any]:
    """Twelve lots and eight suppliers: enough that lots are planned one by one."""
    import random

    dice = random.Random(seed)
    bids = []
    for supplier in range(8):
        for lot in range(12):
            if dice.random() < 0.6:
                price, low = dice.randint(80, 120), dice.randint(1, 20)
                tiers = [
                    {"from": low + 20 * k + (k > 0), "to": low + 20 * (k + 1), "price": price - 3 * k} for k in range(6)
                ]
                freight = {region: dice.randint(1, 9) for region in ("R0", "R1", "R2")}
                bid = {"bid": f"B{len(bids)}", "supplier": f"S{supplier}", "lot": f"L{lot}", "tiers": tiers}
                bids.append(bid | {"freight": freight, "criteria": dice.randint(0, 3)})
    return {
        "kind": "award",
        "mode": "all_units",
        "regions": ["R0", "R1", "R2"],
        "lots": [
            {"lot": f"L{n}", "demand": {r: dice.randint(10, 60) for r in ("R0", "R1", "R2")}, "reserve": 140}
            for n in range(12)
        ],
        "suppliers": [{"supplier": f"S{n}", "capacity": 400, "share_cap": dice.randint(200, 500)} for n in range(8)],
        "bids": bids,
        "packages": [],
        "rules": {"winners_min": 1, "winners_max": 4, "winners_per_lot": 3, "fixed_cost_per_winner": 500},
    }


class TestDecideByLots:
    @few
    @given(lots_wide)
    def test_its_bound_never_passes_the_least_and_the_checker_derives_it(self, problem: dict[str, Any]) -> None:
        least = cheapest(problem)
        assume(least is not None)

        found = by_lots(problem)

        assert found.proof.bound <= least
        assert derive_bound(json.dumps(problem).encode(), found.proof.certificate()) == found.proof.bound

    @few
    @given(lots_wide)
    def test_its_awards_are_valid_and_mostly_the_cheapest(self, problem: dict[str, Any]) -> None:
        least = cheapest(problem)
        assume(least is not None)

        found = by_lots(problem)

        if found.mix is not None:
            assert cost(AwardProblem.from_json(json.dumps(problem)), found.mix) >= least

    @few
    @given(small_problems(max_bids=3))
    def test_losers_stand_between_the_discounts_it_says(self, problem: dict[str, Any]) -> None:
        found = by_lots(problem)
        least = cheapest(problem)
        assume(found.mix is not None and found.tree.root is not None)
        total = cost(found.lots.problem, found.mix)  # type: ignore[arg-type]
        assume(total == least)

        losers = Losers(
            found.lots,
            found.mix,
            found.state,  # type: ignore[arg-type]
            prices=found.tree.root,  # type: ignore[arg-type]
            pricer=found.tree.columns.pricer,
            total=total,
        ).all(Stopwatch(60.0))

        for lost in losers:
            if lost.how == "interval" and lost.at_least:
                cut = cheapest(_cut(problem, lost.offer, lost.at_least))
                assert cut == total * lost.at_least.denominator
            if lost.at_most is not None:
                assert cheapest(_cut(problem, lost.offer, lost.at_most, 1)) < total * lost.at_most.denominator  # type: ignore[operator]


class TestWideTenders:
    @pytest.mark.parametrize("seed", [1, 2])
    def test_an_award_by_lots_is_close_valid_and_checked(self, seed: int) -> None:
        raw = json.dumps(wide_problem(seed)).encode()

        award = solve_award(AwardProblem.from_json(raw), 4.0, raw=raw)

        assert award.certificate["relaxation"] == "lots"
        assert award.gap_exact is not None
        assert award.gap_exact < 0.02
        assert check_award(raw, json.dumps(award.to_json())) == []

    def test_its_certificate_cannot_be_bettered_by_hand(self) -> None:
        raw = json.dumps(wide_problem(3)).encode()
        award = solve_award(AwardProblem.from_json(raw), 3.0, raw=raw).to_json()

        altered = copy.deepcopy(award)
        for leaf in altered["certificate"]["leaves"]:
            leaf["multipliers"] = {row: 3 * value for row, value in leaf["multipliers"].items()}
        wrong_sign = copy.deepcopy(award)
        wrong_sign["certificate"]["leaves"][0]["multipliers"]["capacity:S0"] = 5
        unknown = copy.deepcopy(award)
        unknown["certificate"]["leaves"][0]["multipliers"]["favour:S0"] = -5

        assert any("derives to" in one for one in check_award(raw, altered))
        assert any("wrong sign" in one for one in check_award(raw, wrong_sign))
        assert any("there is no row" in one for one in check_award(raw, unknown))
