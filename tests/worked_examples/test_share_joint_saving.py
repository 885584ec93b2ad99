"""Joint costs shared by hand, and published games.

Sources: ../shared/bench/savings/cases.json (Lemaire 1991; the manual of CoopGame; Aumann and
Maschler 1985 for the Talmud); docs/algorithms/sharing.md for the three buyers of castings.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from procurement.engines.decide import decide
from tests.engines.procurement import brute_sharing as brute

CASTINGS: dict[str, Any] = {
    "kind": "game",
    "members": [
        {"member": "Lin", "quantity": 10},
        {"member": "Bao", "quantity": 20},
        {"member": "Hua", "quantity": 30},
    ],
    "tiers": [{"from": 1, "price": 100}, {"from": 50, "price": 80}],
}
CASTINGS_RAW = json.dumps(CASTINGS).encode()


def test_three_buyers_of_castings() -> None:
    decision = decide("sharing", CASTINGS_RAW)
    splits = {one["rule"]: one for one in decision["splits"]}

    assert (decision["total"], decision["core_empty"]) == (4800, False)
    assert decision["alone"] == {"Lin": 1000, "Bao": 2000, "Hua": 3000}
    assert splits["proportional"]["shares"] == {"Lin": 800, "Bao": 1600, "Hua": 2400}
    assert splits["proportional"]["worst"] == {
        "members": ["Bao", "Hua"],
        "together": 4000,
        "alone": 4000,
        "excess": 0,
    }
    assert splits["shapley"]["exact"] == {"Lin": "2800/3", "Bao": "4300/3", "Hua": "7300/3"}
    assert splits["shapley"]["shares"] == {"Lin": 934, "Bao": 1433, "Hua": 2433}
    assert splits["nucleolus"]["exact"] == {"Lin": "900", "Bao": "1450", "Hua": "2450"}
    assert splits["nucleolus"]["worst"]["excess"] == -100
    assert splits["core_shapley"]["shares"] == splits["shapley"]["shares"]
    assert decision["why"] == [
        {"code": "gain_falls_above_38_percent", "member": "Hua", "percent": "50.0", "assumption": "p = a + b / sqrt(Q)"}
    ]


@pytest.mark.shared
def test_published_games_equal_brute_force_in_fractions(shared: Path) -> None:
    cases = json.loads((shared / "bench" / "savings" / "cases.json").read_text())

    for case in cases:
        n, sign = case["n"], -1 if case["kind"] == "gain" else 1
        costs: list[Any] = [Fraction(0)] * (1 << n)
        for key, value in case["v"].items():
            costs[sum(1 << place for place, bit in enumerate(key) if bit == "1")] = sign * Fraction(str(value))
        exact = {
            "shapley": [sign * one for one in brute.shapley(costs, n)],
            "nucleolus": [sign * one for one in _nucleolus(costs)],
        }

        decision = decide("sharing", json.dumps(case).encode())

        splits = {one["rule"]: one for one in decision["splits"]}
        for rule, wanted in exact.items():
            found = [Fraction(one) for one in splits[rule]["exact"].values()]
            assert max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < 1e-6, (case["name"], rule)
            assert max(abs(float(a) - b) for a, b in zip(found, case[rule], strict=True)) < 1e-4
            worst = brute.worst_excess(costs, [sign * one for one in found], n)
            assert float(-worst) == pytest.approx(case[f"{rule}_min_excess"], abs=1e-4)
        assert decision["core_empty"] is not case["core_nonempty"]


def _nucleolus(costs: list[Fraction]) -> list[Fraction]:
    """Brute force in whole numbers: halves are doubled away."""
    assert len(costs) == 8
    return [one / 2 for one in brute.nucleolus_of_three([int(2 * cost) for cost in costs])]
