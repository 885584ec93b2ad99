from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.kernel.refusals import BadValue
from procurement.engines.allocation import AllocationProblem, allocate
from procurement.engines.allocation_check import check_allocation
from procurement.engines.decide import decide

Problem = dict[str, Any]
RULES = {
    "factories_per_order": 2,
    "min_share_percent": 30,
    "late_days": 1,
    "late_percent_per_day": 4,
    "unmet_percent": 300,
    "freight_per_region": 30,
}


@st.composite
def small_networks(draw: st.DrawFn) -> Problem:
    """Two days, two factories, two orders of at most two pieces."""
    small = st.integers(0, 3)
    factories = [
        {
            "factory": f"F{place}",
            "capabilities": draw(st.sampled_from([["C0"], ["C0", "C1"]])),
            "region": draw(st.integers(0, 2)),
            "machine_minutes": [draw(small), draw(small)],
            "labour_minutes": [draw(small), draw(small)],
            "speed_percent": draw(st.sampled_from([80, 100, 130])),
            "cost_percent": draw(st.integers(85, 120)),
            "setup_minutes": draw(st.integers(0, 1)),
            "setup_cost": draw(st.integers(0, 50)),
        }
        for place in range(2)
    ]
    orders = [
        {
            "order": f"O{place}",
            "capability": draw(st.sampled_from(["C0", "C1"])),
            "quantity": draw(st.integers(1, 2)),
            "release": draw(st.integers(0, 1)),
            "due": 1,
            "region": draw(st.integers(0, 2)),
            "machine_seconds": draw(st.sampled_from([0, 30, 60, 90])),
            "labour_seconds": draw(st.sampled_from([0, 20, 70])),
            "price": draw(st.integers(1, 100)),
        }
        for place in range(2)
    ]
    orders[0]["due"] = orders[0]["release"]
    rules = RULES | {
        "factories_per_order": draw(st.integers(1, 2)),
        "min_share_percent": draw(st.sampled_from([0, 60])),
    }
    return {"kind": "allocation", "days": 2, "factories": factories, "orders": orders, "rules": rules}


def cheapest(problem: Problem) -> int:
    """Return the least total x100: every amount of every order at every factory and day is tried."""
    raw = json.dumps(problem).encode()
    slots = [(o["order"], f["factory"], day) for o in problem["orders"] for f in problem["factories"] for day in (0, 1)]
    quantity = {one["order"]: one["quantity"] for one in problem["orders"]}
    best = None
    for amounts in product(*(range(quantity[order] + 1) for order, *_ in slots)):
        left = dict(quantity)
        for (order, *_), amount in zip(slots, amounts, strict=True):
            left[order] -= amount
        if min(left.values()) < 0:
            continue
        answer = {
            "kind": "allocation",
            "problem_sha256": hashlib.sha256(raw).hexdigest(),
            "total_x100": 0,
            "bound_x100": None,
            "lines": [
                {"order": order, "factory": factory, "day": day, "quantity": amount}
                for (order, factory, day), amount in zip(slots, amounts, strict=True)
                if amount
            ],
            "unmet": [{"order": order, "quantity": rest} for order, rest in left.items() if rest],
        }
        wrong = check_allocation(raw, answer)
        if not wrong or wrong[0].startswith("total_x100"):
            total = int(wrong[0].split()[2].rstrip(",")) if wrong else 0
            best = total if best is None else min(best, total)
    assert best is not None
    return best


def deal(problem: Problem, seconds: float = 5) -> dict[str, Any]:
    return decide("allocation", json.dumps(problem).encode(), seconds)


class TestAllocate:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(small_networks())
    def test_costs_what_trying_everything_costs(self, problem: Problem) -> None:
        decision = deal(problem)

        assert decision["total_x100"] == cheapest(problem)
        assert decision["bound_x100"] == decision["total_x100"]

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(small_networks())
    def test_the_search_alone_is_valid_and_bounded(self, problem: Problem) -> None:
        raw = json.dumps(problem).encode()
        decision = allocate(AllocationProblem.from_json(raw), 0.05, raw=raw, exact_up_to=-1).to_json()

        assert check_allocation(raw, json.dumps(decision)) == []
        assert decision["bound_x100"] <= deal(problem)["total_x100"]


PUMPS: Problem = {
    "kind": "allocation",
    "days": 4,
    "factories": [
        {
            "factory": name,
            "capabilities": ["casting"],
            "region": region,
            "machine_minutes": minutes,
            "labour_minutes": [480] * 4,
            "speed_percent": 100,
            "cost_percent": cost,
            "setup_minutes": 60,
            "setup_cost": 5000,
        }
        for name, region, minutes, cost in (("Teng", 0, [480, 480, 0, 480], 100), ("Hua", 2, [480] * 4, 95))
    ],
    "orders": [
        {
            "order": "bodies",
            "capability": "casting",
            "quantity": 300,
            "release": 0,
            "due": 1,
            "region": 0,
            "machine_seconds": 240,
            "labour_seconds": 60,
            "price": 1000,
        }
    ],
    "rules": RULES,
}
PUMPS_RAW = json.dumps(PUMPS).encode()


@pytest.fixture(scope="module")
def valid() -> dict[str, Any]:
    decision: dict[str, Any] = json.loads(json.dumps(decide("allocation", PUMPS_RAW, 5)))
    assert check_allocation(PUMPS_RAW, decision) == []
    return decision


def line(decision: dict[str, Any], **changes: Any) -> None:
    decision["lines"][0] |= changes


MUTATIONS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "another problem": (lambda d: d.update(problem_sha256="0" * 64), "problem_sha256"),
    "another kind": (lambda d: d.update(kind="award"), "kind"),
    "a total a unit lower": (lambda d: d.update(total_x100=d["total_x100"] - 1), "total_x100 is"),
    "a bound above the total": (lambda d: d.update(bound_x100=d["total_x100"] + 1), "passes the total"),
    "a piece more": (lambda d: line(d, quantity=d["lines"][0]["quantity"] + 1), "are not 300"),
    "no pieces": (lambda d: line(d, quantity=0), "whole number of at least 1"),
    "a factory nobody knows": (lambda d: line(d, factory="Mallory"), "unknown"),
    "an order nobody knows": (lambda d: line(d, order="Mallory"), "unknown"),
    "a day too late": (lambda d: line(d, day=3), "outside its time"),
    "a day before": (lambda d: line(d, day=-1), "outside its time"),
    "a line twice": (lambda d: d["lines"].append(d["lines"][0]), "stands 2 times"),
    "unmet that is made": (lambda d: d["unmet"].append({"order": "bodies", "quantity": 5}), "are not 300"),
    "a day overfull": (
        lambda d: d.update(lines=[{"order": "bodies", "factory": "Hua", "day": 0, "quantity": 300}], unmet=[]),
        "Hua on day 0: machine_minutes",
    ),
    "a share too small": (
        lambda d: d.update(
            lines=[
                {"order": "bodies", "factory": "Teng", "day": 0, "quantity": 89},
                {"order": "bodies", "factory": "Hua", "day": 0, "quantity": 91},
            ],
            unmet=[{"order": "bodies", "quantity": 120}],
        ),
        "less than its least share",
    ),
}


class TestCheckAllocation:
    @pytest.mark.parametrize("name", MUTATIONS)
    def test_finds(self, name: str, valid: dict[str, Any]) -> None:
        mutate, expected = MUTATIONS[name]
        changed = copy.deepcopy(valid)

        mutate(changed)

        assert any(expected in wrong for wrong in check_allocation(PUMPS_RAW, changed))

    def test_finds_too_many_factories(self, valid: dict[str, Any]) -> None:
        raw = json.dumps(PUMPS | {"rules": RULES | {"factories_per_order": 1}}).encode()

        wrong = check_allocation(raw, valid | {"problem_sha256": hashlib.sha256(raw).hexdigest()})

        assert wrong == ["bodies: 2 factories pass 1"]

    def test_finds_a_missing_capability(self, valid: dict[str, Any]) -> None:
        raw = json.dumps(PUMPS | {"orders": [PUMPS["orders"][0] | {"capability": "milling"}]}).encode()

        wrong = check_allocation(raw, valid | {"problem_sha256": hashlib.sha256(raw).hexdigest()})

        assert any("lacks milling" in one for one in wrong)


BAD = [
    ("kind", "award", "kind"),
    ("days", 0, "days"),
    ("days", 5, "Teng.machine_minutes"),
    ("orders", [PUMPS["orders"][0]] * 2, "orders"),
    ("factories", [PUMPS["factories"][0]] * 2, "factories"),
    ("orders", [PUMPS["orders"][0] | {"quantity": 0}], "bodies.quantity"),
    ("orders", [PUMPS["orders"][0] | {"due": -1}], "bodies.due"),
    ("orders", [PUMPS["orders"][0] | {"price": 1.5}], "orders[0].price"),
    ("factories", [PUMPS["factories"][0] | {"speed_percent": 0}], "Teng.speed_percent"),
    ("factories", [PUMPS["factories"][0] | {"labour_minutes": [1, 2, 3, -4]}], "Teng.labour_minutes"),
    ("rules", RULES | {"late_days": -1}, "rules.late_days"),
]


class TestAllocationProblem:
    @pytest.mark.parametrize(("key", "value", "place"), BAD)
    def test_refuses(self, key: str, value: Any, place: str) -> None:
        with pytest.raises(BadValue) as refused:
            AllocationProblem.from_json(json.dumps(PUMPS | {key: value}))
        assert refused.value.facts["place"] == place


class TestDecide:
    def test_refuses_an_engine_nobody_knows(self) -> None:
        with pytest.raises(BadValue):
            decide("oracle", b"{}")

    def test_refuses_no_time(self) -> None:
        with pytest.raises(BadValue):
            decide("allocation", PUMPS_RAW, 0)
