"""Prices for the lots' bound, from a linear program over the plans found so far.

Source: Dantzig and Wolfe, Decomposition principle for linear programs, Operations Research 8(1), 1960; prices smoothed
towards the best so far as in Pessoa, Sadykov, Uchoa and Vanderbeck, Automation and combination of linear-programming
based stabilization techniques in column generation, INFORMS Journal on Computing 30(2), 2018, section 2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from procurement.engines.award.lots import Lots
from procurement.engines.award.pricing import Key, Pricer, Prices, Settled
from procurement.engines.award.sending import Integers
from procurement.engines.linear import Stopwatch

SMOOTH = 0.5
CLOSE = 1e-4
ENDLESS = 1e30
Part = tuple[int, int, tuple[int, ...]]  # source, tier, units by region
Plan = tuple[int, tuple[Part, ...]]  # lot, parts


@dataclass(frozen=True)
class Node:
    """What is known where some decisions are settled.

    bound     no award that agrees costs less; None: there is none
    prices    what it derives from
    value     the linear program's value over the plans found so far
    open      decisions that it leaves between 0 and 1
    winners   by supplier, how much of a winner it makes of it; packages: how much of each it takes
    """

    settled: Settled
    bound: Fraction | None
    prices: Prices
    value: float
    open: dict[Key, float]
    winners: np.ndarray
    packages: np.ndarray


class Master:
    """The linear program: a mix of plans for each lot, within capacities, winners and packages."""

    def __init__(self, lots: Lots) -> None:
        import highspy

        self.lots = lots
        table, rules = lots.table, lots.problem.rules
        self.pairs = sorted(
            {(lot, int(one)) for lot in range(len(table.sources)) for one in table.supplier[lot, : table.sources[lot]]}
        )
        self.parts = sorted({(lot, int(one)) for lot, one in zip(*np.nonzero(table.package >= 0), strict=True)})
        lot_count, suppliers = len(table.sources), len(lots.limit)
        self._room, self._link = lot_count, lot_count + suppliers
        self._pair = {pair: self._link + at for at, pair in enumerate(self.pairs)}
        self._parts_at = self._link + len(self.pairs)
        self._part = {part: self._parts_at + at for at, part in enumerate(self.parts)}
        self._winners = self._parts_at + len(self.parts)
        worst = float((table.demand.sum(axis=1) * table.reserve).max(initial=1))
        self.unit = 2.0 ** -max(0, math.frexp(worst)[1] - 20)
        self.highs = highspy.Highs()
        for option, value in {"output_flag": False, "threads": 1, "random_seed": 20120630}.items():
            self.highs.setOptionValue(option, value)
        low = np.full(self._winners + 1, -ENDLESS)
        high = np.zeros(self._winners + 1)
        low[:lot_count] = high[:lot_count] = 1
        low[self._parts_at : self._winners] = 0
        low[self._winners], high[self._winners] = rules.winners_min, rules.winners_max
        none = np.zeros(0, np.int32)
        self.highs.addRows(len(low), low, high, 0, np.zeros(len(low), np.int32), none, np.zeros(0))
        self._columns(rules.fixed_cost_per_winner)
        self.known: dict[Plan, int] = {}
        for lot in range(lot_count):
            self.add((lot, ()))

    def _columns(self, fixed_cost: int) -> None:
        """Winners first, then packages."""
        rows: list[list[tuple[int, float]]] = [
            [(self._room + at, -float(most)), (self._winners, 1.0)] for at, most in enumerate(self.lots.limit)
        ]
        for lot, supplier in self.pairs:
            rows[supplier].append((self._pair[lot, supplier], -1.0))
        for terms in rows:
            self._column(fixed_cost, 1.0, terms)
        for at, package in enumerate(self.lots.packages):
            here = [(row, -1.0) for (lot, one), row in self._part.items() if self.lots.table.package[lot, one] == at]
            self._column(package.price, 1.0, here)

    def _column(self, cost: float, most: float, terms: list[tuple[int, float]]) -> None:
        rows = np.array([row for row, _ in terms], np.int32)
        self.highs.addCol(cost * self.unit, 0.0, most, len(terms), rows, np.array([entry for _, entry in terms]))

    @property
    def width(self) -> int:
        """How many rows tie lots together and have a price."""
        return self._winners - self._room

    def add(self, plan: Plan) -> bool:
        """Take a plan in; return whether it is new."""
        if plan in self.known:
            return False
        lot, parts = plan
        table, terms = self.lots.table, {lot: 1.0}
        left = table.demand[lot].copy()
        cost = 0
        for one, tier, units in parts:
            supplier, sent = int(table.supplier[lot, one]), np.array(units)
            left -= sent
            cost += int(table.beyond[lot, one, tier])
            cost += int((sent * (table.price[lot, one, tier] + table.landed[lot, one])).sum())
            terms[self._room + supplier] = terms.get(self._room + supplier, 0.0) + float(sent.sum())
            terms[self._pair[lot, supplier]] = 1.0
            if (lot, one) in self._part:
                terms[self._part[lot, one]] = 1.0
        cost += int(left.sum() * table.reserve[lot])
        self.known[plan] = len(self.known)
        self._column(float(cost), ENDLESS, list(terms.items()))
        return True

    def settle(self, settled: Settled, barred: Iterable[Plan]) -> None:
        """Hold the linear program to what is settled; `barred` plans may not be used."""
        winners = len(self.lots.limit)
        count = winners + len(self.lots.packages)
        low, high = np.zeros(count + len(self.known)), np.ones(count + len(self.known))
        high[count:] = ENDLESS
        for (kind, first, _), value in settled.items():
            if kind != "w":
                at = first if kind == "z" else winners + first
                low[at] = high[at] = value
        for plan in barred:
            high[count + self.known[plan]] = 0.0
        self.highs.changeColsBounds(len(low), np.arange(len(low), dtype=np.int32), low, high)

    def solve(self) -> tuple[float, np.ndarray, np.ndarray] | None:
        """Return the value in money, the point and the prices by row, or None when nothing fits."""
        import highspy

        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self.highs.getSolution()
        value = self.highs.getInfo().objective_function_value / self.unit
        return value, np.array(solution.col_value), np.array(solution.row_dual) / self.unit

    def fractions(self, point: np.ndarray) -> dict[Key, float]:
        """Return the decisions that a point leaves between 0 and 1."""
        suppliers, packages = len(self.lots.limit), len(self.lots.packages)
        found: dict[Key, float] = {("z", at, -1): point[at] for at in range(suppliers)}
        found |= {("g", at, -1): point[suppliers + at] for at in range(packages)}
        used: dict[Key, float] = {}
        for (lot, parts), at in self.known.items():
            place = suppliers + packages + at
            weight = point[place] if place < len(point) else 0.0
            if weight > NOTHING:
                for supplier in {int(self.lots.table.supplier[lot, one]) for one, _, _ in parts}:
                    used["w", lot, supplier] = used.get(("w", lot, supplier), 0.0) + weight
        return {key: share for key, share in (found | used).items() if NOTHING < share < 1 - NOTHING}


NOTHING = 1e-5


def split(master: Master, duals: np.ndarray) -> np.ndarray:
    """Return the rows' prices as the lots see them: mu, charge and share behind one another."""
    kept = duals[master._room : master._winners].copy()
    links = master._parts_at - master._room
    kept[:links] = np.maximum(0.0, -kept[:links])
    kept[links:] = -kept[links:]
    return kept


def joined(master: Master, pricer: Pricer, kept: np.ndarray) -> Prices:
    """Return whole prices from what `split` gave."""
    lots = master.lots
    suppliers, count = len(lots.limit), len(lots.table.sources)
    charge, share = np.zeros((count, suppliers)), np.zeros((count, max(1, len(lots.packages))))
    for at, (lot, supplier) in enumerate(master.pairs):
        charge[lot, supplier] = kept[suppliers + at]
    for at, (lot, one) in enumerate(master.parts):
        share[lot, lots.table.package[lot, one]] = kept[suppliers + len(master.pairs) + at]
    return pricer.rounded(kept[:suppliers], charge, share)


class Columns:
    """Column generation under settled decisions; plans are kept from node to node."""

    def __init__(self, lots: Lots) -> None:
        self.lots = lots
        self.master, self.pricer = Master(lots), Pricer(lots)

    def agree(self, plan: Plan, settled: Settled) -> bool:
        """Whether a plan agrees with the lots' winners that are settled."""
        lot, parts = plan
        here = {int(self.lots.table.supplier[lot, one]) for one, _, _ in parts}
        return all(
            (second in here) == bool(value)
            for (kind, first, second), value in settled.items()
            if kind == "w" and first == lot
        )

    def take_in(self, source: Integers, tier: Integers, sent: Integers, size: Integers) -> int:
        """Add one plan a lot; return how many were new."""
        new = 0
        for lot in range(len(size)):
            parts = tuple(
                (int(source[lot, at]), int(tier[lot, at]), tuple(sent[lot, at].tolist())) for at in range(size[lot])
            )
            new += self.master.add((lot, parts))
        return new

    def node(self, settled: Settled, centre: np.ndarray | None, watch: Stopwatch, stop: float) -> tuple[Node, Any]:
        """Return the bound under what is settled, from prices that begin at `centre`; and the prices it ended at.

        stop    a bound from here on is enough
        """
        master, pricer = self.master, self.pricer
        master.settle(settled, [plan for plan in master.known if not self.agree(plan, settled)])
        none = np.zeros(len(self.lots.limit))
        best, prices, value, point = None, None, math.inf, None
        while True:
            solved = master.solve()
            if solved is not None:
                value, point, duals = solved
                here = split(master, duals)
                tried = [here if centre is None else SMOOTH * centre + (1 - SMOOTH) * here, here]
            else:
                tried = [centre if centre is not None else np.zeros(master.width)]
            new = 0
            for kept in tried:
                asked = joined(master, pricer, kept)
                bound = pricer.bound(asked, settled)
                if bound is None:
                    return Node(settled, None, asked, math.inf, {}, none, np.zeros(0)), centre
                if best is None or bound > best:
                    best, prices, centre = bound, asked, kept
                plans = pricer.plans
                new = self.take_in(plans.source, plans.tier, plans.sent, plans.size)
                if new:
                    break
            closed = best is not None and (value - float(best) <= CLOSE * abs(value) or float(best) >= stop)
            if closed or not new or watch.left <= 0:
                break
        open_ = master.fractions(point) if point is not None else {}
        winners = none if point is None else point[: len(none)]
        packages = point[len(none) : len(none) + len(self.lots.packages)] if point is not None else np.zeros(0)
        nothing = joined(master, pricer, np.zeros(master.width))
        return Node(settled, best, prices or nothing, value, open_, winners, packages), centre
