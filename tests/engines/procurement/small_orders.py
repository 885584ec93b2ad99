"""Small work orders to draw, and the best plan of each by trying everything."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from procurement.engines.allocation import Day, WorkOrderProblem, Workshop

MONDAY = date(2026, 3, 9)
PACES = [Fraction(1), Fraction(3, 2), Fraction(0), Fraction(1, 3)]


def day(after: int) -> date:
    return MONDAY + timedelta(days=after)


@st.composite
def small_orders(draw: st.DrawFn) -> WorkOrderProblem:
    """At most two factories, four days, two resources."""
    shops = []
    for place in range(draw(st.integers(1, 2))):
        each = {
            name: draw(st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(0), Fraction(1, 3)])) for name in "ml"
        }
        setup = {"m": draw(st.integers(0, 4))}
        shop_days = tuple(
            Day(day(after), {"m": draw(st.integers(0, 7)), "l": draw(st.integers(0, 7))})
            for after in sorted(draw(st.sets(st.integers(0, 4), max_size=4)))
        )
        shops.append(Workshop(f"F{place}", each, setup, shop_days))
    return WorkOrderProblem(
        quantity=draw(st.integers(1, 18)),
        release=day(draw(st.integers(0, 1))),
        due=day(draw(st.integers(1, 4))),
        workshops=tuple(shops),
        latest=draw(st.sampled_from([None, day(3)])),
        max_days=draw(st.sampled_from([None, None, 1, 2, 3])),
    )


def best(problem: WorkOrderProblem) -> tuple[int, date | None, int]:
    """Return (unmet, finish, entries) of the best plan: every choice of days, each used as far as it goes.

    What a choice of days can make is any amount between one piece a day and its capacity, so the amount is settled by
    the choice.
    """
    slots = [(shop, one) for shop in problem.workshops for one in problem.open_days[shop.factory]]
    found = []
    for chosen in product([False, True], repeat=len(slots)):
        used = [slot for slot, taken in zip(slots, chosen, strict=True) if taken]
        begun: set[str] = set()
        capacities = []
        for shop, one in used:
            capacities.append(shop.most(one, first=shop.factory not in begun, wanted=problem.quantity))
            begun.add(shop.factory)
        if 0 in capacities or len(used) > min(problem.quantity, problem.max_days or len(slots)):
            continue
        made = min(problem.quantity, sum(capacities))
        finish = max((one.day for _, one in used), default=None)
        found.append((problem.quantity - made, finish or date.min, len(used)))
    unmet, finish, entries = min(found)
    return unmet, None if finish == date.min else finish, entries
