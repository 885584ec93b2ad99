"""Dated work worked by hand: two lathes, one of them full until 14 March.

120 valve bodies of 4 minutes of machine and 1 1/2 of labour. A setup takes 60 machine minutes, once a factory. Teng has
480 machine and 200 labour minutes on 16 and 17 March; before that a second lathe, Hua's, is full until 14 March and has
300 machine minutes on 15 March.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from procurement.engines.allocation import Day, WorkOrderProblem, Workshop, plan_work_order

BODY = {"machine": Fraction(4), "labour": Fraction(3, 2)}
SETUP = {"machine": 60}


def march(day: int) -> date:
    return date(2026, 3, day)


TENG = Workshop(
    "Teng",
    BODY,
    SETUP,
    (Day(march(16), {"machine": 480, "labour": 200}), Day(march(17), {"machine": 480, "labour": 200})),
)
HUA = Workshop(
    "Hua",
    BODY,
    SETUP,
    (
        Day(march(13), {"machine": 50, "labour": 480}),
        Day(march(14), {"machine": 0, "labour": 480}),
        Day(march(15), {"machine": 300, "labour": 480}),
    ),
)


def order(quantity: int, *workshops: Workshop) -> WorkOrderProblem:
    return WorkOrderProblem(quantity=quantity, release=march(12), due=march(16), workshops=workshops)


def test_both_lathes_finish_on_the_sixteenth() -> None:
    # Teng's 16th: (480 - 60) / 4 = 105. Hua's 15th: (300 - 60) / 4 = 60. Together 165 >= 120, so the 16th will do;
    # as early as can be: 60 on the 15th, 60 on the 16th.
    plan = plan_work_order(order(120, TENG, HUA))

    assert [(one.factory, one.day, one.quantity) for one in plan.lines] == [
        ("Hua", march(15), 60),
        ("Teng", march(16), 60),
    ]
    assert plan.lines[0].minutes == {"machine": 300, "labour": 90}
    assert plan.lines[1].minutes == {"machine": 300, "labour": 90}
    assert plan.status == "proved"


def test_says_until_when_a_factory_is_full() -> None:
    plan = plan_work_order(order(120, TENG, HUA))

    assert [one.to_json() for one in plan.why] == [
        {"code": "full_until", "factory": "Hua", "until": "2026-03-14"},
        {"code": "finishes_in_time", "on": "2026-03-16", "due": "2026-03-16", "late_days": 0},
    ]


def test_one_lathe_alone_is_a_day_late() -> None:
    # 105 on the 16th; the other 15 without a second setup on the 17th.
    plan = plan_work_order(order(120, TENG))

    assert [(one.quantity, one.minutes["machine"]) for one in plan.lines] == [(105, 480), (15, 60)]
    assert plan.why[-1].to_json() == {
        "code": "finishes_late",
        "on": "2026-03-17",
        "due": "2026-03-16",
        "late_days": 1,
    }


def test_labour_can_be_the_narrow_resource() -> None:
    # 200 minutes of labour make 133 bodies however long the machine runs; 480 of machine make 120.
    plan = plan_work_order(order(300, TENG))

    assert [one.quantity for one in plan.lines] == [105, 120]
    assert (plan.unmet, plan.why[-1].code) == (75, "hours_missing")
