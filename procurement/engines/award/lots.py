"""The problem as arrays, lot by lot, for the machine code in `plans.py`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procurement.engines.award.model import fits, usable_tiers
from procurement.engines.award.plans import Table
from procurement.engines.award.problem import AwardProblem, Bid, Package

MOST_SETS = 1_000_000  # sets of sources and tiers to try in one lot
Source = Bid | Package


@dataclass(frozen=True)
class Lots:
    """A problem's lots as a table, and what the table's numbers stand for.

    sources    by lot, the bid or package behind each source
    packages   those that fit, in the order that the table numbers them
    limit      by supplier, the most units
    """

    problem: AwardProblem
    table: Table
    sources: tuple[tuple[Source, ...], ...]
    packages: tuple[Package, ...]
    limit: np.ndarray

    @property
    def tractable(self) -> bool:
        """Whether every lot can be planned by trying sets of sources."""
        return all(_sets(self.problem, sources) <= MOST_SETS for sources in self.sources)


def tabulate(problem: AwardProblem) -> Lots:
    """Return the problem's lots as arrays."""
    place = {lot.lot: at for at, lot in enumerate(problem.lots)}
    number = {one.supplier: at for at, one in enumerate(problem.suppliers)}
    sources: list[list[Source]] = [[] for _ in problem.lots]
    for bid in problem.bids:
        if usable_tiers(problem, bid):
            sources[place[bid.lot]].append(bid)
    packages = tuple(one for one in problem.packages if fits(problem, one))
    for package in packages:
        for lot in package.quantities:
            sources[place[lot]].append(package)
    limit = np.array([one.most for one in problem.suppliers], np.int64)
    table = _table(problem, sources, number, {one.package: at for at, one in enumerate(packages)})
    return Lots(problem, table, tuple(tuple(one) for one in sources), packages, limit)


def _table(
    problem: AwardProblem, sources: list[list[Source]], number: dict[str, int], packages: dict[str, int]
) -> Table:
    wide = max([len(one) for one in sources], default=0) or 1
    deep = max([len(bid.tiers) for bid in problem.bids], default=1)
    shape = (len(problem.lots), wide)
    table = Table(
        sources=np.array([len(one) for one in sources], np.int64),
        supplier=np.zeros(shape, np.int64),
        tiers=np.zeros(shape, np.int64),
        low=np.zeros((*shape, deep), np.int64),
        high=np.zeros((*shape, deep), np.int64),
        price=np.zeros((*shape, deep), np.int64),
        beyond=np.zeros((*shape, deep), np.int64),
        landed=np.zeros((*shape, len(problem.regions)), np.int64),
        package=np.full(shape, -1, np.int64),
        demand=np.array([[lot.demand[one] for one in problem.regions] for lot in problem.lots], np.int64),
        reserve=np.array([lot.reserve for lot in problem.lots], np.int64),
    )
    for at, lot in enumerate(problem.lots):
        for one, source in enumerate(sources[at]):
            table.supplier[at, one] = number[source.supplier]
            if isinstance(source, Bid):
                _put_bid(table, problem, (at, one), source)
            else:
                table.package[at, one] = packages[source.package]
                _put_part(table, problem, (at, one), source, lot.lot)
    return table


def _put_bid(table: Table, problem: AwardProblem, at: tuple[int, int], bid: Bid) -> None:
    usable = usable_tiers(problem, bid)
    table.tiers[at] = len(usable)
    table.landed[at] = [bid.freight[region] for region in problem.regions]
    for place, (_, tier, end) in enumerate(usable):
        table.low[(*at, place)], table.high[(*at, place)] = tier.start, end
        table.price[(*at, place)] = tier.price + bid.criteria
        table.beyond[(*at, place)] = problem.head_start(bid, tier)


def _put_part(table: Table, problem: AwardProblem, at: tuple[int, int], package: Package, lot: str) -> None:
    table.tiers[at] = 1
    table.landed[at] = [package.freight[lot][region] for region in problem.regions]
    table.low[(*at, 0)] = table.high[(*at, 0)] = package.quantities[lot]
    table.price[(*at, 0)] = package.criteria[lot]


def _sets(problem: AwardProblem, sources: tuple[Source, ...]) -> float:
    """How many sets of sources and tiers keep to the winners of a lot, at most."""
    by_supplier: dict[str, float] = {}
    for one in sources:
        tiers = len(one.tiers) if isinstance(one, Bid) else 1
        by_supplier[one.supplier] = by_supplier.get(one.supplier, 1.0) * (1 + tiers)
    sets = [1.0] + [0.0] * min(problem.rules.winners_per_lot, len(by_supplier))
    for ways in by_supplier.values():
        for size in range(len(sets) - 1, 0, -1):
            sets[size] += sets[size - 1] * (ways - 1)
    return sum(sets)
