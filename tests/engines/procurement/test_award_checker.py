from __future__ import annotations

import copy
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from procurement.engines.award import INFEASIBLE, AwardProblem, solve_award
from procurement.engines.award_check import check_award, derive_bound, recompute_total
from tests.engines.procurement.pump_tender import RAW, TENDER
from tests.engines.procurement.small_awards import cheapest, small_problems

Decision = dict[str, Any]


@pytest.fixture(scope="module")
def valid() -> Decision:
    decision: Decision = json.loads(json.dumps(solve_award(AwardProblem.from_json(RAW), raw=RAW).to_json()))
    assert check_award(RAW, decision) == []
    return decision


def line(decision: Decision, place: int, **changes: Any) -> None:
    decision["lines"][place] |= changes


def package_too(decision: Decision) -> None:
    decision["packages"].append({"package": "teng-both", "spread": {"bodies": {"north": 100}, "seals": {"south": 50}}})


def multiplier(decision: Decision, change: Callable[[int], int]) -> None:
    multipliers = decision["certificate"]["leaves"][0]["multipliers"]
    name = max(multipliers, key=lambda row: abs(multipliers[row]))
    multipliers[name] = change(multipliers[name])


MUTATIONS: dict[str, tuple[Callable[[Decision], object], str]] = {
    "another problem": (lambda d: d.update(problem_sha256="0" * 64), "problem_sha256"),
    "another kind": (lambda d: d.update(kind="allocation"), "kind"),
    "a total a cent lower": (lambda d: d.update(total=d["total"] - 1), "total is 77150"),
    "a total that is no integer": (lambda d: d.update(total=77150.0), "whole number"),
    "a unit more": (lambda d: line(d, 0, quantity=61), "61 units for a demand of 60"),
    "a unit less": (lambda d: line(d, 1, quantity=39), "39 units for a demand of 40"),
    "a quantity of nothing": (lambda d: line(d, 0, quantity=0), "whole number of at least 1"),
    "a quantity in text": (lambda d: line(d, 0, quantity="60"), "whole number of at least 1"),
    "an unknown bid": (lambda d: line(d, 0, bid="mallory"), "unknown"),
    "an unknown region": (lambda d: line(d, 0, region="west"), "unknown"),
    "a line twice": (lambda d: d["lines"].append(d["lines"][0]), "stands 2 times"),
    "a line left out": (lambda d: d["lines"].pop(), "0 units for a demand of 50"),
    "a bid below its minimum": (
        lambda d: (line(d, 2, quantity=19), d["unserved"].append({"lot": "seals", "region": "south", "quantity": 31})),
        "19 lies outside 20..100",
    ),
    "a bid that cannot fit": (lambda d: line(d, 2, bid="yue-seals"), "50 lies outside 60..100"),
    "a supplier beyond its capacity": (
        lambda d: d.update(
            lines=[
                {"bid": "hua-bodies", "region": "north", "quantity": 60},
                {"bid": "hua-bodies", "region": "south", "quantity": 40},
                d["lines"][2],
            ]
        ),
        "100 units pass its limit 80",
    ),
    "a package on top": (package_too, "units for a demand of"),
    "half a package": (
        lambda d: d["packages"].append({"package": "teng-both", "spread": {"bodies": {"north": 50}}}),
        "is not all of it",
    ),
    "unserved where nothing is short": (
        lambda d: d["unserved"].append({"lot": "seals", "region": "north", "quantity": 1}),
        "1 units for a demand of 0",
    ),
    "a bound a cent higher": (lambda d: d.update(bound_exact="77151"), "derives to 77150"),
    "a bound a cent lower": (lambda d: d.update(bound_exact="77149"), "derives to 77150"),
    "a solver's bound above the total": (lambda d: d.update(bound_solver=77151.0), "passes the total"),
    "no bound but 'proved'": (lambda d: d.update(bound_exact=None), "'proved' is said without"),
    "a multiplier moved": (lambda d: multiplier(d, lambda value: value * 3), "derives to"),
    "a multiplier of the wrong sign": (
        lambda d: d["certificate"]["leaves"][0]["multipliers"].update({"winners-max": 1}),
        "wrong sign",
    ),
    "a row nobody knows": (
        lambda d: d["certificate"]["leaves"][0]["multipliers"].update({"favour:Teng": 1}),
        "there is no row",
    ),
    "a leaf that fixes half the awards": (
        lambda d: d["certificate"]["leaves"][0]["fixed"].append(["z:Teng", 1]),
        "leave some award out",
    ),
    "a leaf that fixes a quantity": (
        lambda d: d["certificate"]["leaves"][0]["fixed"].append(["o:seals:south", 0]),
        "a leaf fixes",
    ),
}


class TestCheckAward:
    @pytest.mark.parametrize("name", MUTATIONS)
    def test_finds(self, name: str, valid: Decision) -> None:
        mutate, expected = MUTATIONS[name]
        changed = copy.deepcopy(valid)

        mutate(changed)

        assert any(expected in wrong for wrong in check_award(RAW, changed))

    def test_finds_too_many_winners(self, valid: Decision) -> None:
        problem = TENDER | {"rules": TENDER["rules"] | {"winners_max": 2}}
        raw = json.dumps(problem).encode()

        wrong = check_award(raw, valid | {"problem_sha256": _sha(raw)})

        assert wrong == ["3 winners lie outside 1..2"]

    def test_finds_too_many_winners_in_a_lot(self, valid: Decision) -> None:
        raw = json.dumps(TENDER | {"rules": TENDER["rules"] | {"winners_per_lot": 1}}).encode()

        wrong = check_award(raw, valid | {"problem_sha256": _sha(raw)})

        assert wrong == ["lot bodies: 2 winners pass 1"]

    def test_believes_no_infeasibility_that_it_cannot_show(self) -> None:
        assert check_award(RAW, {"kind": "award", "status": "infeasible", "why": []}) != []

    def test_sees_infeasibility_when_too_few_could_ever_win(self) -> None:
        raw = json.dumps(TENDER | {"rules": TENDER["rules"] | {"winners_min": 5, "winners_max": 5}}).encode()

        assert check_award(raw, {"kind": "award", "status": "infeasible", "why": []}) == []

    def test_reads_the_decision_as_text_too(self, valid: Decision) -> None:
        assert check_award(RAW, json.dumps(valid)) == []
        assert recompute_total(RAW, valid) == 77150

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(small_problems(), st.dictionaries(st.integers(0, 40), st.integers(-(2**34), 2**34), max_size=12))
    def test_no_multipliers_of_the_right_sign_bound_too_high(
        self, problem: dict[str, Any], noise: dict[int, int]
    ) -> None:
        raw, least = json.dumps(problem).encode(), cheapest(problem)
        assume(least is not None)
        award = solve_award(AwardProblem.from_json(raw), raw=raw, prices_to_win=False)
        certificate = json.loads(json.dumps(award.to_json()["certificate"]))
        for leaf in certificate["leaves"]:
            for place, row in enumerate(leaf["multipliers"]):
                moved = leaf["multipliers"][row] + noise.get(place, 0)
                leaf["multipliers"][row] = moved if moved * leaf["multipliers"][row] > 0 else 0

        assert award.status != INFEASIBLE
        assert derive_bound(raw, certificate) <= Fraction(least)  # type: ignore[arg-type]


def _sha(raw: bytes) -> str:
    import hashlib

    return hashlib.sha256(raw).hexdigest()
