"""Which warehouses to open and what each sends to whom: capacitated facility location, with an exact bound.

min fixed cost of the open + cost of what is sent, every customer served whole (in shares), within capacities. The model
ties every share to its warehouse (x <= open), which makes the relaxation tight; HiGHS finds the warehouses, and an
enumeration whose leaves are bounded in exact arithmetic proves them.

Source: Leung and Magnanti, Valid inequalities and facets of the capacitated plant location problem, Mathematical
Programming 44, 1989, section 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from procurement.engines.award.proof import enumerate_to
from procurement.engines.linear import LinearModel, Stopwatch, name_of, relax, solve_whole
from procurement.engines.reading import refuse

MOST_DENOMINATOR = 10**6  # of a share
TOLERANCE = 1  # of the last digit of the costs: how near the exact bound comes where shares are no whole numbers


@dataclass(frozen=True)
class Warehouse:
    """Units it can send, and what opening it costs, in whole money."""

    capacity: int
    fixed_cost: int


@dataclass(frozen=True)
class Customer:
    """Units wanted, and what sending all of them from each warehouse costs."""

    demand: int
    costs: tuple[int, ...]


@dataclass(frozen=True)
class Located:
    """The decision: open warehouses, shares (warehouse, customer, share), the exact total and an exact lower bound.

    bound    no choice costs less, derived in exact arithmetic and rounded down to whole money
    proved   the total is not above the bound by a unit of the money's last digit
    """

    open: tuple[int, ...]
    flow: tuple[tuple[int, int, Fraction], ...]
    total: Fraction
    bound: int
    leaves: int

    @property
    def proved(self) -> bool:
        return self.total - self.bound <= TOLERANCE


def locate(warehouses: Sequence[Warehouse], customers: Sequence[Customer], seconds: float = 10.0) -> Located:
    """Return the cheapest warehouses and flows.

    seconds   wall time for the search and the proof

    :raises BadValue: a negative number, costs for other warehouses, more demand than capacity, no answer in time.
    """
    _sensible(warehouses, customers)
    watch = Stopwatch(seconds)
    model, opened, sent = _model(warehouses, customers)
    root = relax(model, watch.left)
    solved = solve_whole(model, max(0.1, watch.left / 2))
    if solved.values is None:
        refuse("seconds", seconds, "no answer in time")
    open_ = tuple(at for at, column in enumerate(opened) if solved.values[column] > 1 / 2)
    fixed = {column: int(at in open_) for at, column in enumerate(opened)}
    flow = _flow(relax(model, max(1.0, watch.left), fixed).values, sent)
    total = sum((share * customers[to].costs[at] for at, to, share in flow), Fraction(0))
    total += sum(warehouses[at].fixed_cost for at in open_)
    _served(warehouses, customers, open_, flow)
    proof = enumerate_to(model, int(total), root.multipliers, watch)
    return Located(open_, flow, total, int(proof.bound) - 1, len(proof.leaves))


def _sensible(warehouses: Sequence[Warehouse], customers: Sequence[Customer]) -> None:
    for place, one in enumerate(warehouses):
        if min(one.capacity, one.fixed_cost) < 0:
            refuse(f"warehouses[{place}]", min(one.capacity, one.fixed_cost), "negative")
    for place, customer in enumerate(customers):
        if len(customer.costs) != len(warehouses):
            refuse(
                f"customers[{place}].costs", len(customer.costs), f"not one for each of {len(warehouses)} warehouses"
            )
        if customer.demand < 1 or min(customer.costs) < 0:
            refuse(f"customers[{place}]", min(customer.demand, *customer.costs), "negative, or nothing wanted")
    if sum(one.capacity for one in warehouses) < sum(one.demand for one in customers):
        refuse("customers", sum(one.demand for one in customers), "more demand than capacity")


def _model(
    warehouses: Sequence[Warehouse], customers: Sequence[Customer]
) -> tuple[LinearModel, list[int], dict[tuple[int, int], int]]:
    """Columns: open, and the share of a customer's demand; both from 0 to 1."""
    model = LinearModel()
    opened = [
        model.column(name_of("open", at), cost=one.fixed_cost, upper=1, whole=True) for at, one in enumerate(warehouses)
    ]
    sent = {}
    for to, customer in enumerate(customers):
        for at, cost in enumerate(customer.costs):
            sent[at, to] = model.column(name_of("share", at, to), cost=cost, upper=1)
            model.row(name_of("only-open", at, to), "<=", 0, [(sent[at, to], 1), (opened[at], -1)])
        model.row(name_of("served", to), "=", 1, [(sent[at, to], 1) for at in range(len(warehouses))])
    for at, one in enumerate(warehouses):
        terms = [(sent[at, to], customer.demand) for to, customer in enumerate(customers)]
        model.row(name_of("capacity", at), "<=", 0, [*terms, (opened[at], -one.capacity)])
    enough = sum(customer.demand for customer in customers)
    model.row("enough", ">=", enough, [(column, one.capacity) for column, one in zip(opened, warehouses, strict=True)])
    return model, opened, sent


def _flow(values: Sequence[float], sent: dict[tuple[int, int], int]) -> tuple[tuple[int, int, Fraction], ...]:
    """Shares as fractions that sum to 1 for each customer: the largest takes what rounding left."""
    shares: dict[int, dict[int, Fraction]] = {}
    for (at, to), column in sent.items():
        share = Fraction(values[column]).limit_denominator(MOST_DENOMINATOR)
        if share > 0:
            shares.setdefault(to, {})[at] = share
    for by in shares.values():
        largest = max(by, key=lambda at: by[at])
        by[largest] += 1 - sum(by.values())
    return tuple((at, to, share) for to, by in sorted(shares.items()) for at, share in sorted(by.items()) if share > 0)


def _served(
    warehouses: Sequence[Warehouse],
    customers: Sequence[Customer],
    open_: tuple[int, ...],
    flow: tuple[tuple[int, int, Fraction], ...],
) -> None:
    """Check a flow in exact fractions."""
    for place, one in enumerate(warehouses):
        load = sum((share * customers[to].demand for at, to, share in flow if at == place), Fraction(0))
        if load > (one.capacity if place in open_ else 0):
            refuse(f"warehouses[{place}]", str(load), "beyond its capacity")
    for place in range(len(customers)):
        if sum((share for _, to, share in flow if to == place), Fraction(0)) != 1:
            refuse(f"customers[{place}]", place, "not served whole")
