"""The proof of an award: a bound that anybody can derive again in exact arithmetic.

A certificate is a list of leaves. A leaf fixes some whole columns and holds multipliers; weak duality bounds every
award that agrees with what it fixes. Leaves that together leave out no award bound them all. One leaf that fixes
nothing is the plain bound of the linear relaxation; several are an enumeration that closed part of its gap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Any

from procurement.engines.award.model import AwardModel, usable_tiers
from procurement.engines.award.problem import AwardProblem
from procurement.engines.linear import SCALE, LinearModel, Relaxed, Stopwatch, exact_bound, name_of, relax

Branches = tuple[tuple[int, int], ...]  # (column, value), in the order they were fixed
MOST_MULTIPLIERS = 60_000  # a certificate stays a few megabytes


@dataclass(frozen=True)
class Leaf:
    """What is fixed, the multipliers over SCALE, and the bound they give, rounded up since every total is whole."""

    fixed: Branches
    multipliers: Mapping[str, int]
    bound: int


@dataclass(frozen=True)
class Proof:
    """Leaves that leave out no award."""

    leaves: tuple[Leaf, ...]

    @property
    def bound(self) -> Fraction:
        return Fraction(min(leaf.bound for leaf in self.leaves))

    def certificate(self, model: LinearModel) -> dict[str, Any]:
        return {
            "denominator": SCALE,
            "leaves": [
                {
                    "fixed": [[model.columns[column], value] for column, value in leaf.fixed],
                    "multipliers": dict(leaf.multipliers),
                }
                for leaf in self.leaves
            ],
        }


def plain(model: LinearModel, multipliers: Mapping[str, int]) -> Proof:
    """The bound of one set of multipliers."""
    return Proof((_leaf(model, (), multipliers),))


def enumerate_to(model: LinearModel, total: int, root: Mapping[str, int], watch: Stopwatch) -> Proof:
    """Branch until every leaf costs at least `total`, or time or the certificate's size runs out.

    Depth first on the whole column nearest to one half; leaves not closed in time keep their parent's multipliers.

    Source: Cook, Koch, Steffy and Wolter, A hybrid branch-and-bound approach for exact rational mixed-integer
    programming, Mathematical Programming Computation 5, 2013, section 2.
    """
    closed: list[Leaf] = []
    open_nodes: list[tuple[Branches, Mapping[str, int]]] = [((), root)]
    size = 0
    while open_nodes and watch.left > 0 and size < MOST_MULTIPLIERS:
        fixed, inherited = open_nodes.pop()
        relaxed = relax(model, watch.left, dict(fixed))
        leaf = _leaf(model, fixed, _multipliers(model, fixed, relaxed, total) or inherited)
        column = _most_split(model, relaxed.values) if leaf.bound < total else None
        if column is None:
            closed.append(leaf)
            size += len(leaf.multipliers)
            continue
        near = round(relaxed.values[column])
        open_nodes += [((*fixed, (column, value)), leaf.multipliers) for value in (1 - near, near)]
    closed += [_leaf(model, fixed, inherited) for fixed, inherited in open_nodes]
    return Proof(tuple(closed))


def _leaf(model: LinearModel, fixed: Branches, multipliers: Mapping[str, int]) -> Leaf:
    return Leaf(fixed, multipliers, ceil(exact_bound(model, multipliers, dict(fixed))))


def _multipliers(model: LinearModel, fixed: Branches, relaxed: Relaxed, total: int) -> Mapping[str, int]:
    """The node's multipliers; those of an infeasible node are stretched until they pass `total`."""
    if not relaxed.infeasible or not relaxed.multipliers:
        return relaxed.multipliers
    free = replace(model, cost=[0] * len(model.cost))
    gain = exact_bound(free, relaxed.multipliers, dict(fixed))
    missing = total - exact_bound(model, {}, dict(fixed))
    stretch = ceil(missing / gain) if gain > 0 else 0
    return {name: value * stretch for name, value in relaxed.multipliers.items()} if stretch else {}


def _most_split(model: LinearModel, values: Sequence[float]) -> int | None:
    """The whole column that the relaxation leaves nearest to one half, or None."""
    best, found = 1e-6, None
    for column, value in enumerate(values):
        distance = min(value, 1 - value)
        if model.whole[column] and distance > best:
            best, found = distance, column
    return found


def simple_multipliers(model: AwardModel) -> dict[str, int]:
    """Multipliers that need no solver: each unit at its cheapest conceivable landed cost.

    They hold even when there is no time for a linear relaxation.
    """
    problem = model.problem
    usable = [bid for bid in problem.bids if usable_tiers(problem, bid)]
    least = {bid.bid: min(one.price for one in bid.tiers) for bid in usable}
    unit = {one.package: one.price * SCALE // one.quantity for one in problem.packages}
    worth = {(lot, region): problem.lot_of[lot].reserve * SCALE for lot, region in model.unserved}
    for name, region in model.sent:
        bid = problem.bid_of[name]
        landed = (least[name] + bid.landed(region)) * SCALE
        worth[bid.lot, region] = min(worth[bid.lot, region], landed)
    for name, lot, region in model.package_sent:
        landed = unit[name] + problem.package_of[name].landed(lot, region) * SCALE
        worth[lot, region] = min(worth[lot, region], landed)
    found = {name_of("cover", lot, region): value for (lot, region), value in worth.items()}
    found |= {name_of("balance", name): price * SCALE for name, price in least.items()}
    found |= _whole_rows(problem, model, unit)
    return {name: value for name, value in found.items() if value}


def _whole_rows(problem: AwardProblem, model: AwardModel, unit: Mapping[str, int]) -> dict[str, int]:
    lots = {name: problem.package_of[name].quantities for name in model.package_taken}
    return {name_of("package-whole", name, lot): -unit[name] for name, named in lots.items() for lot in named}
