"""Raising the lots' bound: settle winners, then winners of a lot, one at a time, where the bound is lowest.

The leaves leave no award out, so the least of their bounds holds for all. A decision is chosen by what the linear
program says of both its branches (strong branching).

Source: Achterberg, Koch and Martin, Branching rules revisited, Operations Research Letters 33(1), 2005.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from math import ceil

import numpy as np

from procurement.engines.award.columns import Columns, Node
from procurement.engines.award.pricing import Key, Prices
from procurement.engines.linear import Stopwatch

TRIED = 6
Path = tuple[tuple[Key, int], ...]


@dataclass(frozen=True)
class Leaf:
    """Decisions in the order they were settled, prices, and the bound they give (None: no award agrees)."""

    path: Path
    prices: Prices
    bound: Fraction | None


@dataclass
class _Open:
    leaf: Leaf
    node: Node
    centre: np.ndarray | None


class Tree:
    """A search of the awards by bound. `leaves` always leave no award out."""

    def __init__(
        self, columns: Columns, told: Callable[[np.ndarray, np.ndarray, np.ndarray], None] = lambda *_: None
    ) -> None:
        self.columns, self.told = columns, told
        self._order = count()
        self._heap: list[tuple[Fraction, int, _Open]] = []
        self.closed: list[Leaf] = []
        self.root: Prices | None = None

    @property
    def leaves(self) -> list[Leaf]:
        return self.closed + [one.leaf for _, _, one in self._heap]

    @property
    def open(self) -> bool:
        """Whether some leaf may still hold a cheaper award."""
        return bool(self._heap)

    @property
    def bound(self) -> Fraction | None:
        """The least bound of the leaves; None while there is none."""
        bounds = [leaf.bound for leaf in self.leaves if leaf.bound is not None]
        return min(bounds) if bounds else None

    def grow(self, best: Callable[[], int], watch: Stopwatch) -> None:
        """Branch until no leaf may hold an award below `best()`, or the time is over."""
        if not self.leaves:
            self._take((), None, None, best, watch)
        while self._heap and watch.left > 0:
            least, _, one = heapq.heappop(self._heap)
            if ceil(least) >= best():
                self._close(one.leaf)
                continue
            key = self._choice(one)
            if key is None:
                self._close(one.leaf)
                continue
            near = round(one.node.open[key])
            for value in (1 - near, near):
                self._take((*one.leaf.path, (key, value)), one, one.centre, best, watch)

    def _close(self, leaf: Leaf) -> None:
        self.closed.append(leaf)

    def _take(
        self, path: Path, parent: _Open | None, centre: np.ndarray | None, best: Callable[[], int], watch: Stopwatch
    ) -> None:
        """Bound one leaf; out of time it keeps its parent's prices."""
        if parent is not None and watch.left <= 0:
            bound = self.columns.pricer.bound(parent.leaf.prices, dict(path))
            leaf = Leaf(path, parent.leaf.prices, bound)
            self.closed.append(leaf)
            return
        node, after = self.columns.node(dict(path), centre, watch, float(best()))
        if after is not None and node.bound is not None:
            self.told(after[: len(node.winners)], node.winners, node.packages)
        self.root = self.root or node.prices
        leaf = Leaf(path, node.prices, node.bound)
        if parent is not None and _lower(leaf, parent.leaf):
            leaf = Leaf(path, parent.leaf.prices, self.columns.pricer.bound(parent.leaf.prices, dict(path)))
        if leaf.bound is None or not node.open:
            self.closed.append(leaf)
        else:
            heapq.heappush(self._heap, (leaf.bound, next(self._order), _Open(leaf, node, after)))

    def _choice(self, one: _Open) -> Key | None:
        """The decision both of whose branches cost most, tried first among winners, then packages, then lots."""
        for kind in ("z", "g", "w"):
            open_ = [key for key in one.node.open if key[0] == kind and self._clear(key)]
            open_.sort(key=lambda key: (abs(one.node.open[key] - 0.5), key))
            if open_:
                return max(open_[:TRIED], key=lambda key: (self._gain(one, key), -open_.index(key)))
        return None

    def _clear(self, key: Key) -> bool:
        """Whether a lot's winner can be forced: it has one source there."""
        kind, lot, supplier = key
        table = self.columns.lots.table
        return kind != "w" or int((table.supplier[lot, : table.sources[lot]] == supplier).sum()) == 1

    def _gain(self, one: _Open, key: Key) -> float:
        gains = []
        for value in (0, 1):
            settled = dict(one.leaf.path) | {key: value}
            master = self.columns.master
            master.settle(settled, [plan for plan in master.known if not self.columns.agree(plan, settled)])
            solved = master.solve()
            gains.append(math.inf if solved is None else max(1e-6, solved[0] - one.node.value))
        low, high = sorted(gains)
        return low * 5 + min(high, 1e3 * low)


def _lower(leaf: Leaf, parent: Leaf) -> bool:
    """Whether a branch was bounded worse than what it branches from: its prices were not driven far enough."""
    return leaf.bound is not None and parent.bound is not None and leaf.bound < parent.bound
