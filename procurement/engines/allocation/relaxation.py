"""The allocation as a linear model: whole and with setup times if small, relaxed for a bound if large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from procurement.engines.allocation.network import AllocationProblem, NetworkLine, Order, Shop
from procurement.engines.linear import LinearModel, name_of

Terms = list[tuple[int, int]]


@dataclass
class NetworkModel:
    """The linear model and where each decision stands in it."""

    problem: AllocationProblem
    setups: bool
    linear: LinearModel = field(default_factory=LinearModel)
    made: dict[tuple[str, str, int], int] = field(default_factory=dict)  # (order, factory, day)
    first: dict[tuple[str, str, int], int] = field(default_factory=dict)
    used: dict[tuple[str, str], int] = field(default_factory=dict)  # (order, factory)
    unmet: dict[str, int] = field(default_factory=dict)
    machine: dict[tuple[str, int], Terms] = field(default_factory=dict)  # (factory, day)
    labour: dict[tuple[str, int], Terms] = field(default_factory=dict)


def build(problem: AllocationProblem, *, setups: bool) -> NetworkModel:
    """Build the model; without `setups` it leaves out setup times, and is for bounds only.

    Source: docs/algorithms/allocation.md.
    """
    model = NetworkModel(problem, setups)
    for order in problem.orders:
        _add_order(model, order)
    for shop in problem.factories:
        for day in range(problem.days):
            key = shop.factory, day
            model.linear.row(name_of("machine", *key), "<=", shop.machine_work(day), model.machine.get(key, []))
            model.linear.row(name_of("labour", *key), "<=", shop.labour_work(day), model.labour.get(key, []))
    return model


def _add_order(model: NetworkModel, order: Order) -> None:
    problem, linear = model.problem, model.linear
    name = name_of("u", order.order)
    unmet = linear.column(name, cost=problem.unmet_cost(order), upper=order.quantity, whole=True)
    model.unmet[order.order] = unmet
    cover: Terms = [(unmet, 1)]
    used: Terms = []
    for shop in problem.shops_for[order.order]:
        run = _add_run(model, order, shop)
        if run:
            cover += run
            used.append((model.used[order.order, shop.factory], 1))
    linear.row(name_of("cover", order.order), "=", order.quantity, cover)
    linear.row(name_of("factories", order.order), "<=", problem.rules.factories_per_order, used)


def _add_run(model: NetworkModel, order: Order, shop: Shop) -> Terms:
    """The columns of one order at one factory: what is made by day, and whether at all."""
    problem, linear, pair = model.problem, model.linear, (order.order, shop.factory)
    days = [day for day in range(order.release, problem.last_day(order) + 1) if _room(order, shop, day)]
    if not days:
        return []
    run: Terms = []
    for day in days:
        most, cost = min(order.quantity, _room(order, shop, day)), problem.unit_cost(order, shop, day)
        made = linear.column(name_of("x", *pair, day), cost=cost, upper=most, whole=True)
        model.made[*pair, day] = made
        model.machine.setdefault((shop.factory, day), []).append((made, order.machine_seconds * 100))
        model.labour.setdefault((shop.factory, day), []).append((made, order.labour_seconds * 100))
        run.append((made, 1))
    used = linear.column(name_of("y", *pair), cost=100 * shop.setup_cost, upper=1, whole=True)
    model.used[pair] = used
    linear.row(name_of("at-most", *pair), "<=", 0, [*run, (used, -order.quantity)])
    linear.row(name_of("at-least", *pair), ">=", 0, [*run, (used, -problem.least_share(order))])
    if model.setups:
        _add_setups(model, order, shop, days)
    return run


def _room(order: Order, shop: Shop, day: int) -> int:
    """How many pieces an empty day holds."""
    room = order.quantity
    if order.machine_seconds:
        room = min(room, shop.machine_work(day) // (order.machine_seconds * 100))
    if order.labour_seconds:
        room = min(room, shop.labour_work(day) // (order.labour_seconds * 100))
    return room


def _add_setups(model: NetworkModel, order: Order, shop: Shop, days: Sequence[int]) -> None:
    """The setup takes its time on the first day with a piece."""
    linear, pair = model.linear, (order.order, shop.factory)
    begun: list[int] = []
    for day in days:
        made = model.made[*pair, day]
        first = linear.column(name_of("s", *pair, day), cost=0, upper=1, whole=True)
        model.first[*pair, day] = first
        begun.append(first)
        most = linear.upper[made]
        linear.row(name_of("begun", *pair, day), "<=", 0, [(made, 1), *((one, -most) for one in begun)])
        linear.row(name_of("first", *pair, day), ">=", 0, [(made, 1), (first, -1)])
        model.machine[shop.factory, day].append((first, shop.setup_work))
    linear.row(name_of("once", *pair), "=", 0, [*((one, 1) for one in begun), (model.used[pair], -1)])


def point_of(model: NetworkModel, lines: Sequence[NetworkLine], unmet: dict[str, int]) -> list[int]:
    """Return the model's columns that say the same as a decision."""
    values = [0] * len(model.linear.columns)
    for line in sorted(lines, key=lambda one: one.day):
        pair = line.order, line.factory
        if model.setups and not values[model.used[pair]]:
            values[model.first[*pair, line.day]] = 1
        values[model.used[pair]] = 1
        values[model.made[*pair, line.day]] = line.quantity
    for order, quantity in unmet.items():
        values[model.unmet[order]] = quantity
    return values


def lines_of(model: NetworkModel, values: Sequence[int]) -> tuple[tuple[NetworkLine, ...], dict[str, int]]:
    """Return the decision that the model's columns say."""
    lines = tuple(NetworkLine(*key, values[column]) for key, column in model.made.items() if values[column])
    return lines, {order: values[column] for order, column in model.unmet.items() if values[column]}
