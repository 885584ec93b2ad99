"""The certificate of a bound that rests on planning every lot by itself, and what it says about losers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from procurement.engines.award.branching import Leaf, Path
from procurement.engines.award.lots import Lots
from procurement.engines.award.pricing import Key, Prices
from procurement.engines.linear import name_of

LOTS = "lots"


@dataclass(frozen=True)
class LotsProof:
    """Leaves that leave no award out, each with prices over `scale`."""

    lots: Lots
    scale: int
    leaves: Sequence[Leaf]

    @property
    def bound(self) -> Fraction:
        """The least bound of the leaves, rounded up since every total is whole."""
        return Fraction(min(ceil(leaf.bound) for leaf in self.leaves if leaf.bound is not None))

    def certificate(self) -> dict[str, Any]:
        return {
            "relaxation": LOTS,
            "denominator": self.scale,
            "leaves": [
                {"fixed": self._fixed(leaf.path), "multipliers": self._multipliers(leaf.prices)} for leaf in self.leaves
            ],
        }

    def _fixed(self, path: Path) -> list[list[object]]:
        return [[self._column(key), value] for key, value in path]

    def _column(self, key: Key) -> str:
        kind, first, second = key
        problem = self.lots.problem
        if kind == "z":
            return name_of("z", problem.suppliers[first].supplier)
        if kind == "g":
            return name_of("g", self.lots.packages[first].package)
        return name_of("w", problem.suppliers[second].supplier, problem.lots[first].lot)

    def _multipliers(self, prices: Prices) -> Mapping[str, int]:
        problem = self.lots.problem
        suppliers = [one.supplier for one in problem.suppliers]
        lots = [one.lot for one in problem.lots]
        found = {name_of("capacity", suppliers[at]): -value for at, value in enumerate(prices.mu.tolist())}
        for lot, row in enumerate(prices.charge.tolist()):
            found |= {name_of("lot-winner", suppliers[at], lots[lot]): -value for at, value in enumerate(row) if value}
        for lot, row in enumerate(prices.share.tolist()):
            for at, package in enumerate(self.lots.packages):
                if lots[lot] in package.quantities:
                    found[name_of("package-part", package.package, lots[lot])] = row[at]
        return {name: value for name, value in found.items() if value}
