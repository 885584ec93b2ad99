from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from marketplace.kernel.refusals import BadValue
from procurement.engines.allocation import Day, WorkOrderProblem, Workshop, plan_work_order
from procurement.engines.allocation_check import check_plan
from tests.engines.procurement.small_orders import best, day, small_orders

many = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
Plan = dict[str, Any]

LATHE = Workshop(
    "lathe",
    {"machine": Fraction(5, 2), "labour": Fraction(1)},
    {"machine": 30},
    (Day(day(0), {"machine": 100, "labour": 480}), Day(day(1), {"machine": 100, "labour": 30})),
)
ORDER = WorkOrderProblem(quantity=50, release=day(0), due=day(1), workshops=(LATHE,))


class TestPlanWorkOrder:
    @many
    @given(small_orders())
    def test_is_as_good_as_trying_everything(self, order: WorkOrderProblem) -> None:
        plan = plan_work_order(order)

        assert (plan.unmet, plan.finish, len(plan.lines)) == best(order)

    @many
    @given(small_orders())
    def test_is_proved_and_the_checker_agrees(self, order: WorkOrderProblem) -> None:
        plan = plan_work_order(order)

        assert plan.status == "proved"
        assert check_plan(order.to_json(), json.dumps(plan.to_json())) == []

    def test_gives_the_same_plan_twice(self) -> None:
        assert plan_work_order(ORDER) == plan_work_order(ORDER)

    def test_without_hours_everything_is_unmet(self) -> None:
        plan = plan_work_order(replace(ORDER, workshops=()))

        assert (plan.lines, plan.unmet, plan.status) == ((), 50, "proved")
        assert [one.code for one in plan.why] == ["hours_missing"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"quantity": 0}, "quantity"),
    ({"quantity": 10**9 + 1}, "quantity"),
    ({"due": day(-1)}, "due"),
    ({"latest": day(-1)}, "latest"),
    ({"max_days": 0}, "max_days"),
    ({"workshops": (LATHE, LATHE)}, "workshops"),
    ({"workshops": (replace(LATHE, minutes_per_unit={}),)}, "lathe.minutes_per_unit"),
    ({"workshops": (replace(LATHE, minutes_per_unit={"machine": Fraction(-1)}),)}, "lathe.minutes_per_unit.machine"),
    ({"workshops": (replace(LATHE, minutes_per_unit={"machine": 0.5}),)}, "lathe.minutes_per_unit.machine"),
    ({"workshops": (replace(LATHE, setup_minutes={"machine": -1}),)}, "lathe.setup_minutes.machine"),
    ({"workshops": (replace(LATHE, setup_minutes={"oven": 1}),)}, "lathe.setup_minutes"),
    ({"workshops": (replace(LATHE, days=LATHE.days[:1] * 2),)}, "lathe.days"),
    ({"workshops": (replace(LATHE, days=(Day(day(0), {"machine": 1}),)),)}, "lathe.2026-03-09.labour"),
    ({"workshops": (replace(LATHE, days=(Day(day(0), {"machine": -1, "labour": 1}),)),)}, "lathe.2026-03-09.machine"),
]


class TestWorkOrderProblem:
    @pytest.mark.parametrize(("change", "place"), BAD)
    def test_refuses(self, change: dict[str, Any], place: str) -> None:
        with pytest.raises(BadValue) as refused:
            replace(ORDER, **change)
        assert refused.value.facts["place"] == place


@pytest.fixture(scope="module")
def valid() -> Plan:
    plan: Plan = json.loads(json.dumps(plan_work_order(ORDER).to_json()))
    assert [line["quantity"] for line in plan["lines"]] == [28, 22]
    assert check_plan(ORDER.to_json(), plan) == []
    return plan


def line(plan: Plan, place: int, **changes: Any) -> None:
    plan["lines"][place] |= changes


def swap_setup(plan: Plan) -> None:
    line(plan, 0, quantity=22, minutes={"machine": 55, "labour": 22})
    line(plan, 1, quantity=28, minutes={"machine": 100, "labour": 28})


MUTATIONS: dict[str, tuple[Callable[[Plan], object], str]] = {
    "another problem": (lambda p: p.update(problem_sha256="0" * 64), "problem_sha256"),
    "another kind": (lambda p: p.update(kind="award"), "kind"),
    "a piece more": (
        lambda p: line(p, 0, quantity=29, minutes={"machine": 103, "labour": 29}),
        "machine takes 103 minutes of 100",
    ),
    "a piece less": (
        lambda p: line(p, 1, quantity=21, minutes={"machine": 53, "labour": 21}),
        "49 made and 0 unmet are not the 50 wanted",
    ),
    "minutes made up": (lambda p: line(p, 1, minutes={"machine": 1, "labour": 22}), "takes 55 minutes, not 1"),
    "minutes of something else": (lambda p: line(p, 1, minutes={"oven": 55}), "name other resources"),
    "the setup forgotten": (swap_setup, "machine takes 85 minutes, not 55"),
    "half a piece": (lambda p: line(p, 0, quantity=28.0), "whole number"),
    "a day nobody offers": (lambda p: line(p, 1, day="2026-03-11"), "no such factory"),
    "a factory nobody knows": (lambda p: line(p, 1, factory="mill"), "no such factory"),
    "a day twice": (lambda p: p["lines"].append(p["lines"][0]), "stands 2 times"),
    "unmet that is not so": (lambda p: p.update(unmet=1), "50 made and 1 unmet"),
    "a bound too bold": (lambda p: p["bound"].update(finish="2026-03-09"), "the bounds are"),
    "a bound too modest": (lambda p: p["bound"].update(days=1), "the bounds are"),
}


class TestCheckPlan:
    @pytest.mark.parametrize("name", MUTATIONS)
    def test_finds(self, name: str, valid: Plan) -> None:
        mutate, expected = MUTATIONS[name]
        changed = copy.deepcopy(valid)

        mutate(changed)

        assert any(expected in wrong for wrong in check_plan(ORDER.to_json(), changed))

    def test_finds_work_after_the_last_day(self, valid: Plan) -> None:
        sooner = replace(ORDER, latest=day(0))
        moved = valid | {"problem_sha256": sooner.sha256()}

        assert check_plan(sooner.to_json(), moved) == [
            "lathe on 2026-03-10: no such factory, or no work there on that day"
        ]

    def test_finds_too_many_days(self, valid: Plan) -> None:
        fewer = replace(ORDER, max_days=1)

        assert "2 days of work pass 1" in check_plan(fewer.to_json(), valid | {"problem_sha256": fewer.sha256()})

    def test_finds_a_later_plan_called_proved(self) -> None:
        roomy = replace(LATHE, days=(*LATHE.days, Day(day(2), {"machine": 500, "labour": 500})))
        order = replace(ORDER, workshops=(roomy,), due=day(0) + timedelta(days=9))
        plan = json.loads(json.dumps(plan_work_order(order).to_json()))
        plan["lines"] = [
            {"factory": "lathe", "day": "2026-03-11", "quantity": 50, "minutes": {"machine": 155, "labour": 50}}
        ]

        assert check_plan(order.to_json(), plan) == [
            "'proved' is said of (0, '2026-03-11', 1), which does not meet its bounds"
        ]
