"""Deciding an allocation: search, then the exact model where it is small, else a bound from the relaxation."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from math import ceil

from procurement.engines.allocation import relaxation
from procurement.engines.allocation.network import AllocationDecision, AllocationProblem, NetworkLine, total_x100
from procurement.engines.allocation.search import Search
from procurement.engines.linear import Stopwatch, exact_bound, relax, solve_whole
from procurement.engines.reasons import Reason

SMALL = 3_000
OPTIMAL, FEASIBLE = "optimal", "feasible"
Found = tuple[tuple[NetworkLine, ...], dict[str, int]]


def allocate(
    problem: AllocationProblem, seconds: float = 20.0, *, raw: bytes = b"", exact_up_to: int = SMALL
) -> AllocationDecision:
    """Allocate orders to factories and days at least cost: pieces, freight, lateness, setups and what stays unmet.

    seconds       wall time for everything
    raw           the bytes the problem was read from, for `problem_sha256`
    exact_up_to   (order, factory, day) triples up to which the exact model is tried
    returns       a valid decision with a bound: `linear_relaxation` (without setup times, exact from its multipliers),
                  `order_by_order` (each order alone, when there was no time for more), or the solver's
                  `branch_and_bound`

    Source: docs/algorithms/allocation.md.
    """
    watch = Stopwatch(seconds)
    size = sum(
        (problem.last_day(order) - order.release + 1) * len(problem.shops_for[order.order]) for order in problem.orders
    )
    if size <= exact_up_to:
        found, bound, kind, finished = _exactly(problem, watch)
    else:
        found, bound, kind, finished = _by_search(problem, watch, size)
    lines, unmet = found
    return AllocationDecision(
        status=OPTIMAL if finished else FEASIBLE,
        problem_sha256=hashlib.sha256(raw).hexdigest(),
        lines=lines,
        unmet=unmet,
        total_x100=total_x100(problem, lines, unmet),
        bound_x100=bound,
        bound_kind=kind,
        why=tuple(_reasons(problem, lines, unmet)),
    )


def _exactly(problem: AllocationProblem, watch: Stopwatch) -> tuple[Found, int, str, bool]:
    search = Search(problem)
    search.run(Stopwatch(watch.left * 0.1), most_rounds=500)
    found: Found = search.lines(), search.unmet()
    model = relaxation.build(problem, setups=True)
    start = relaxation.point_of(model, *found)
    solved = solve_whole(model.linear, watch.left - 0.1, start=start)
    values = [round(value) for value in solved.values] if solved.values is not None else start
    if model.linear.broken(values) is None and model.linear.objective(values) <= model.linear.objective(start):
        found = relaxation.lines_of(model, values)
    total = total_x100(problem, *found)
    bound = min(total, ceil(solved.bound - 1e-6 * abs(solved.bound))) if solved.bound > 0 else 0
    finished = solved.finished and total - solved.bound < max(1.0, 1e-9 * total)
    return found, total if finished else max(bound, _order_by_order(problem)), "branch_and_bound", finished


def _by_search(problem: AllocationProblem, watch: Stopwatch, size: int) -> tuple[Found, int, str, bool]:
    """Relax first (its multipliers give the bound), then search for as long as there is time."""
    closing = 0.1 + 5e-6 * size
    bound, kind = _order_by_order(problem), "order_by_order"
    model = relaxation.build(problem, setups=False)
    relaxed = relax(model.linear, watch.left * 0.7 - closing)
    if relaxed.value is not None:
        derived = ceil(exact_bound(model.linear, relaxed.multipliers))
        if derived > bound:
            bound, kind = derived, "linear_relaxation"
    search = Search(problem)
    search.run(Stopwatch(watch.left - closing))
    found: Found = search.lines(), search.unmet()
    return found, bound, kind, total_x100(problem, *found) == bound


def _order_by_order(problem: AllocationProblem) -> int:
    """No decision costs less than each order alone, at its cheapest factory in time, without any limit of hours."""
    bound = 0
    for order in problem.orders:
        alone = [problem.unmet_cost(order) * order.quantity]
        for shop in problem.shops_for[order.order]:
            alone.append(problem.unit_cost(order, shop, order.release) * order.quantity)
        bound += min(alone)
    return bound


def _reasons(problem: AllocationProblem, lines: Sequence[NetworkLine], unmet: dict[str, int]) -> list[Reason]:
    last: dict[str, int] = {}
    shops: dict[str, set[str]] = {}
    for line in lines:
        last[line.order] = max(line.day, last.get(line.order, line.day))
        shops.setdefault(line.order, set()).add(line.factory)
    reasons = []
    for order in problem.orders:
        name = order.order
        if last.get(name, 0) > order.due:
            reasons.append(Reason("late", {"order": name, "due": order.due, "finish": last[name]}))
        if len(shops.get(name, ())) > 1:
            reasons.append(Reason("split", {"order": name, "factories": sorted(shops[name])}))
        if name in unmet:
            reasons.append(Reason("hours_missing", {"order": name, "quantity": unmet[name]}))
    return reasons
