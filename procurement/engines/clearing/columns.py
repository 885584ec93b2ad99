"""Clearing over columns of integers: a million lines against one price curve, linear in the lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from marketplace.kernel.refusals import BadValue

Integers = NDArray[np.int64]
ANY_PRICE = 2**63 - 1  # the limit of a line that joins whatever it costs
_MOST = 2**63


@dataclass(frozen=True)
class PriceColumns:
    """All-units tiers: from `starts[k]` units on, every unit costs `prices[k]`; starts rise, prices never do.

    capacity   most that is sold, None without an end
    pack       only whole packs are sold, > 0
    """

    starts: Integers
    prices: Integers
    capacity: int | None = None
    pack: int = 1

    def sellable(self, demand: int) -> int:
        """Return how much of `demand` can be sold: whole packs within the capacity."""
        most = demand if self.capacity is None else min(demand, self.capacity)
        return most // self.pack * self.pack

    def wanting(self, place: int, demand: int) -> int | None:
        """Return how much demand a tier lacks, 0 when it is reached, None when the capacity never lets it be."""
        target = -(-max(int(self.starts[place]), 1) // self.pack) * self.pack
        if self.capacity is not None and target > self.capacity:
            return None
        return max(target - demand, 0)


@dataclass(frozen=True)
class ColumnsCleared:
    """The tier that is taken (its place, None: none is reached), who joins, and the demand that each tier finds.

    joins    for each line, whether its limit accepts the price
    demand   for each tier, the quantity of the lines whose limit accepts its price
    sold     what the supplier delivers: less than the demand where packs or the capacity cut it
    """

    place: int | None
    joins: NDArray[np.bool_]
    demand: Integers
    sold: int


def clear_columns(quantity: ArrayLike, limit: ArrayLike, curve: PriceColumns) -> ColumnsCleared:
    """Find the tier with the largest start that its own demand reaches.

    quantity   integers > 0, one a line
    limit      the most a line accepts as the price of a unit, one a line; ANY_PRICE, or negative: at no price
    curve      checked by whoever made it
    cost       O(n log tiers), memory for two more columns

    :raises BadValue: columns of different lengths, a quantity that is not positive, a sum that 64 bits do not hold.

    Source: docs/algorithms/clearing.md; the conditional-demand rule of Cobuy (ordering/getters).
    """
    quantities, limits = np.asarray(quantity, dtype=np.int64), np.asarray(limit, dtype=np.int64)
    _check(quantities, limits)
    demand = demand_at(curve.prices, limits, quantities)
    place = next((k for k in reversed(range(len(demand))) if curve.wanting(k, int(demand[k])) == 0), None)
    if place is None:
        return ColumnsCleared(None, np.zeros(len(limits), dtype=bool), demand, 0)
    return ColumnsCleared(place, limits >= curve.prices[place], demand, curve.sellable(int(demand[place])))


def demand_at(prices: Integers, limit: Integers, quantity: Integers) -> Integers:
    """Return for each of `prices`, which never rise, the quantity of the lines whose limit accepts it."""
    first = np.searchsorted(-prices, -limit, side="left")
    sums = np.zeros(len(prices) + 1, dtype=np.int64)
    np.add.at(sums, first, quantity)
    return np.cumsum(sums[:-1])


def _check(quantities: Integers, limits: Integers) -> None:
    if quantities.shape != limits.shape or quantities.ndim != 1:
        shapes = [str(quantities.shape), str(limits.shape)]
        raise BadValue(place="columns", value=shapes, reason="not of one length")
    if not len(quantities):
        return
    if quantities.min() < 1:
        place = int(quantities.argmin())
        raise BadValue(place=f"quantity[{place}]", value=int(quantities[place]), reason="not positive")
    if quantities.sum(dtype=np.float64) >= _MOST * 0.999:
        raise BadValue(place="quantity", value=float(quantities.sum(dtype=np.float64)), reason="too much to add up")
