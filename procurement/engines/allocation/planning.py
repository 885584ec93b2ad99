"""Planning one work order: first as much as possible, then as early, then on as few days."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import accumulate

from procurement.engines.allocation.work_order import Bounds, Day, WorkDay, WorkOrderProblem, WorkPlan, Workshop
from procurement.engines.linear import LinearModel, Stopwatch, name_of, solve_whole
from procurement.engines.reasons import Reason

PROVED, OPTIMAL, FEASIBLE = "proved", "optimal", "feasible"


def plan_work_order(problem: WorkOrderProblem, seconds: float = 5.0) -> WorkPlan:
    """Turn an order into dated work within the minutes left: least unmet, earliest finish, fewest days of work.

    seconds   wall time; settled earlier, it returns earlier
    returns   the plan; of equally good ones, the one whose pieces are made earliest. `unmet` says what no factory has
              hours for, the reasons say which factory is full until when

    A factory's setup takes its minutes on the first day that the order is worked on there.

    Source: docs/algorithms/allocation.md; lot sizing with setup times after Pochet and Wolsey, Production Planning by
    Mixed Integer Programming, 2006, section 1.2. Worked by hand in tests/worked_examples/test_work_order.py.
    """
    watch = Stopwatch(seconds)
    model = _build(problem)
    values, settled = _stages(model, watch)
    lines = _lines(model, values)
    unmet = problem.quantity - sum(line.quantity for line in lines)
    bounds = bounds_of(problem, unmet)
    plan = WorkPlan("", problem.sha256(), lines, unmet, bounds, tuple(_reasons(problem, lines, unmet)))
    met = (bounds.unmet, bounds.finish, bounds.days) == (unmet, plan.finish, len(lines))
    return replace(plan, status=PROVED if met else OPTIMAL if settled else FEASIBLE)


@dataclass
class _Model:
    problem: WorkOrderProblem
    linear: LinearModel = field(default_factory=LinearModel)
    days: list[date] = field(default_factory=list)
    unmet: int = 0
    finish: int = 0
    made: dict[tuple[str, date], int] = field(default_factory=dict)
    used: dict[tuple[str, date], int] = field(default_factory=dict)
    first: dict[tuple[str, date], int] = field(default_factory=dict)


def _build(problem: WorkOrderProblem) -> _Model:
    model = _Model(problem)
    model.days = sorted({one.day for days in problem.open_days.values() for one in days})
    model.unmet = model.linear.column("unmet", cost=0, upper=problem.quantity, whole=True)
    model.finish = model.linear.column("finish", cost=0, upper=len(model.days), whole=True)
    for shop in problem.workshops:
        _add_workshop(model, shop)
    pieces = [(column, 1) for column in model.made.values()]
    model.linear.row("quantity", "=", problem.quantity, [(model.unmet, 1), *pieces])
    if problem.max_days is not None:
        model.linear.row("max-days", "<=", problem.max_days, [(column, 1) for column in model.used.values()])
    return model


def _add_workshop(model: _Model, shop: Workshop) -> None:
    linear, wanted, begun = model.linear, model.problem.quantity, []
    for day in model.problem.open_days[shop.factory]:
        later, sooner = shop.most(day, first=False, wanted=wanted), shop.most(day, first=True, wanted=wanted)
        if not later:
            continue
        key, label = (shop.factory, day.day), day.day.isoformat()
        made = linear.column(name_of("x", shop.factory, label), cost=0, upper=later, whole=True)
        used = linear.column(name_of("y", shop.factory, label), cost=0, upper=1, whole=True)
        first = linear.column(name_of("s", shop.factory, label), cost=0, upper=min(1, sooner), whole=True)
        begun.append((first, -1))
        linear.row(f"most:{used}", "<=", 0, [(made, 1), (used, -later)])
        linear.row(f"least:{used}", ">=", 0, [(made, 1), (used, -1)])
        linear.row(f"first-most:{used}", "<=", later, [(made, 1), (first, later - sooner)])
        linear.row(f"first-used:{used}", "<=", 0, [(first, 1), (used, -1)])
        linear.row(f"begun:{used}", "<=", 0, [(used, 1), *begun])
        linear.row(f"finish:{used}", ">=", 0, [(model.finish, 1), (used, -1 - model.days.index(day.day))])
        model.made[key], model.used[key], model.first[key] = made, used, first
    if begun:
        linear.row(name_of("once", shop.factory), "<=", 1, [(column, 1) for column, _ in begun])


def _stages(model: _Model, watch: Stopwatch) -> tuple[list[int], bool]:
    """Solve for each aim in turn, holding what earlier aims reached."""
    order = {day: place for place, day in enumerate(model.days)}
    aims = [
        {model.unmet: 1},
        {model.finish: 1},
        dict.fromkeys(model.used.values(), 1),
        {column: order[day] for (_, day), column in model.made.items()},
    ]
    values, linear, settled = _nothing(model), replace(model.linear, rows=list(model.linear.rows)), True
    for place, aim in enumerate(aims):
        cost = [float(aim.get(column, 0)) for column in range(len(linear.columns))]
        solved = solve_whole(linear, watch.left, start=values, cost=cost)
        found = [round(value) for value in solved.values] if solved.values is not None else values
        if linear.broken(found) is None and _worth(aim, found) <= _worth(aim, values):
            values = found
        settled = settled and solved.finished
        linear.row(f"aim:{place}", "<=", _worth(aim, values), aim.items())
    return values, settled


def _nothing(model: _Model) -> list[int]:
    values = [0] * len(model.linear.columns)
    values[model.unmet] = model.problem.quantity
    return values


def _worth(aim: dict[int, int], values: Sequence[int]) -> int:
    return sum(weight * values[column] for column, weight in aim.items())


def _lines(model: _Model, values: Sequence[int]) -> tuple[WorkDay, ...]:
    lines = []
    for shop in model.problem.workshops:
        begun = False
        for day in model.problem.open_days[shop.factory]:
            quantity = values[model.made[shop.factory, day.day]] if (shop.factory, day.day) in model.made else 0
            if quantity:
                lines.append(WorkDay(shop.factory, day.day, quantity, shop.minutes(quantity, first=not begun)))
                begun = True
    return tuple(sorted(lines, key=lambda line: (line.day, line.factory)))


def bounds_of(problem: WorkOrderProblem, unmet: int) -> Bounds:
    """Return what no plan can beat: pieces unmet; the finish of plans that make the rest; their entries by that finish.

    Exact, without a solver: factories do not touch each other, so the most that n entries make is a sum over factories
    of the most that their own entries make (`_most_by_entries`).

    unmet   pieces that the plan leaves out
    """
    days = sorted({one.day for open_days in problem.open_days.values() for one in open_days})
    making = problem.quantity - unmet
    least = problem.quantity - min(problem.quantity, _most(problem, days[-1]) if days else 0)
    if not making:
        return Bounds(least, None, 0)
    finish = days[bisect_left(days, making, hi=len(days) - 1, key=lambda day: _most(problem, day))]
    by_entries = _most_by_entries(problem, finish)
    entries = next((count for count, made in enumerate(by_entries) if made >= making), len(by_entries) - 1)
    return Bounds(least, finish, entries)


def _most(problem: WorkOrderProblem, last: date) -> int:
    """The most that any plan makes by the end of `last`."""
    by_entries = _most_by_entries(problem, last)
    return by_entries[-1 if problem.max_days is None else min(problem.max_days, len(by_entries) - 1)]


def _most_by_entries(problem: WorkOrderProblem, last: date) -> list[int]:
    """The most that 0, 1, 2, ... (factory, day) entries make by the end of `last`."""
    most = [0]
    for shop in problem.workshops:
        alone = _alone(problem, shop, last)
        joined = [0] * (len(most) + len(alone) - 1)
        for before, made in enumerate(most):
            for entries, more in enumerate(alone):
                joined[before + entries] = max(joined[before + entries], made + more)
        most = list(accumulate(joined, max))
    return most


def _alone(problem: WorkOrderProblem, shop: Workshop, last: date) -> list[int]:
    """The most that 0, 1, 2, ... days of one factory make: a day to begin on, then the roomiest days after it."""
    days = [one for one in problem.open_days[shop.factory] if one.day <= last]
    later = [shop.most(one, first=False, wanted=problem.quantity) for one in days]
    best = [0] * (len(days) + 1)
    for place, day in enumerate(days):
        begin = shop.most(day, first=True, wanted=problem.quantity)
        if begin:
            roomiest = sorted(later[place + 1 :], reverse=True)
            for entries, made in enumerate(accumulate(roomiest, initial=begin), start=1):
                best[entries] = max(best[entries], made)
    return best


def _reasons(problem: WorkOrderProblem, lines: Sequence[WorkDay], unmet: int) -> list[Reason]:
    reasons = []
    for shop in problem.workshops:
        full = _full_until(problem, shop)
        if full is not None:
            reasons.append(full)
    if lines:
        finish = max(line.day for line in lines)
        late = max(timedelta(0), finish - problem.due).days
        facts = {"on": finish.isoformat(), "due": problem.due.isoformat(), "late_days": late}
        reasons.append(Reason("finishes_late" if late else "finishes_in_time", facts))
    if unmet:
        reasons.append(Reason("hours_missing", {"quantity": unmet}))
    return reasons


def _full_until(problem: WorkOrderProblem, shop: Workshop) -> Reason | None:
    """Why a factory does not begin at once: the last of the days before which it has no hours."""
    full: Day | None = None
    for day in problem.open_days[shop.factory]:
        if shop.most(day, first=True, wanted=problem.quantity):
            facts = {"factory": shop.factory, "until": full.day.isoformat()} if full else None
            return Reason("full_until", facts) if facts else None
        full = day
    return Reason("no_hours", {"factory": shop.factory})
