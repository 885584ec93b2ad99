"""Which demand lines belong together: one product, one region, one calendar window.

Lines come as columns, never as objects, so that a million of them take a sort and a sweep.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from marketplace.kernel.refusals import BadValue

Integers = NDArray[np.int64]
Days = NDArray[np.datetime64]

_MOST = 2**63


@dataclass(frozen=True)
class Pools:
    """Pools in the order of product, region, window; all columns run over pools but `pool_of_line`.

    pool_of_line   for each line, its pool's place
    window         the first day of the month or of the ISO week
    quantity       sum of the lines' quantities, exact
    lines          how many lines
    """

    pool_of_line: Integers
    product: Integers
    region: Integers
    window: Days
    quantity: Integers
    lines: Integers


def group_lines(product: ArrayLike, region: ArrayLike, day: ArrayLike, quantity: ArrayLike, *, window: str) -> Pools:
    """Gather lines of one product, one region and one window into pools.

    product, region   integers that identify them, one a line
    day               the day that decides the window, one a line (`datetime64[D]`, or what numpy reads as such)
    quantity          integers > 0 in the product's smallest unit, one a line
    window            `month`, or `week` (ISO 8601, Monday first)
    cost              O(n log n): one lexsort and one sweep

    :raises BadValue: columns of different lengths, another window, a quantity that is not positive, a sum that 64 bits
        do not hold.
    """
    products, regions, quantities = (np.asarray(one, dtype=np.int64) for one in (product, region, quantity))
    starts = window_starts(day, window)
    _check_columns(products, regions, starts, quantities)
    if not len(products):
        return Pools(products, products, regions, starts, quantities, products)
    order = np.lexsort((starts, regions, products))
    keys = [one[order] for one in (products, regions, starts)]
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = np.logical_or.reduce([one[1:] != one[:-1] for one in keys])
    first = np.flatnonzero(opens)
    pool_of_line = np.empty(len(order), dtype=np.int64)
    pool_of_line[order] = np.cumsum(opens) - 1
    sums = np.add.reduceat(quantities[order], first)
    lines = np.diff(np.append(first, len(order))).astype(np.int64)
    heads = order[first]
    return Pools(pool_of_line, products[heads], regions[heads], starts[heads], sums, lines)


def window_starts(day: ArrayLike, window: str) -> Days:
    """Return the first day of each day's month or ISO week.

    :raises BadValue: another window.
    """
    days = np.asarray(day, dtype="datetime64[D]")
    if window == "month":
        return days.astype("datetime64[M]").astype("datetime64[D]")
    if window == "week":
        since_monday = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
        mondays: Days = days - since_monday.astype("timedelta64[D]")
        return mondays
    raise BadValue(place="window", value=window, reason="neither month nor week")


def _check_columns(products: Integers, regions: Integers, starts: Days, quantities: Integers) -> None:
    lengths = {one.shape for one in (products, regions, starts, quantities)}
    if len(lengths) != 1 or products.ndim != 1:
        raise BadValue(place="columns", value=sorted(map(str, lengths)), reason="not of one length")
    if np.isnat(starts).any():
        raise BadValue(place="day", value=int(np.flatnonzero(np.isnat(starts))[0]), reason="no day")
    check_quantities(quantities)


def check_quantities(quantities: Integers) -> None:
    if len(quantities) and quantities.min() < 1:
        place = int(quantities.argmin())
        raise BadValue(place=f"quantity[{place}]", value=int(quantities[place]), reason="not positive")
    if quantities.astype(np.float64).sum() >= _MOST * 0.999:
        raise BadValue(place="quantity", value=float(quantities.astype(np.float64).sum()), reason="too much to add up")
