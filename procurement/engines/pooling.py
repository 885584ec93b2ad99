"""Pooling: which demand lines belong together, and which price step one closing reaches.

Lines come as columns, never as objects, so that a million of them take a sort and a sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from marketplace.kernel.refusals import BadValue
from procurement.engines.reasons import Reason

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
    _check_quantities(quantities)


def _check_quantities(quantities: Integers) -> None:
    if len(quantities) and quantities.min() < 1:
        place = int(quantities.argmin())
        raise BadValue(place=f"quantity[{place}]", value=int(quantities[place]), reason="not positive")
    if quantities.astype(np.float64).sum() >= _MOST * 0.999:
        raise BadValue(place="quantity", value=float(quantities.astype(np.float64).sum()), reason="too much to add up")


@dataclass(frozen=True)
class Step:
    """A price step: from `start` units on, every unit costs `price`."""

    start: int
    price: int


@dataclass(frozen=True)
class Reached:
    """How a step fared: the quantity whose ceiling its price respects, and whether that reaches the step's start."""

    step: Step
    demand: int
    reached: bool


@dataclass(frozen=True)
class Clearing:
    """The step that a closing reaches (None: no step), who joins, and why.

    joins      for each line, whether it is in; who is out has a ceiling below the price, or no step was reached
    quantity   what joins, in sum
    steps      every step with the demand it found: the largest start that its own demand reaches is taken
    """

    step: Step | None
    joins: NDArray[np.bool_]
    quantity: int
    steps: tuple[Reached, ...]
    why: Reason


def clear_one_closing(
    quantity: ArrayLike, ceiling: ArrayLike, steps: Sequence[Step], *, freight: ArrayLike = 0
) -> Clearing:
    """Find the best price step for one closing day: the largest consistent prefix by ceiling.

    The step with the largest start that is reached by the demand of those who accept its price. Everybody who accepts
    it joins and pays it; no consistent set of lines is larger.

    quantity   integers > 0, one a line
    ceiling    the most a line pays for a unit landed, one a line; 0 = any price
    steps      starts rising, prices not rising, at least one; the first start is the minimum order
    freight    what a line pays for a unit beside the price, one a line or one for all
    cost       O(n log n + steps)

    :raises BadValue: steps out of order, a price that rises, a quantity that is not positive, a negative ceiling.

    Source: docs/algorithms/pooling.md; the conditional-demand rule of Cobuy (ordering/getters), with freight.
    """
    quantities, ceilings = np.asarray(quantity, dtype=np.int64), np.asarray(ceiling, dtype=np.int64)
    _check_quantities(quantities)
    _check_steps(steps)
    if len(ceilings) and ceilings.min() < 0:
        raise BadValue(place="ceiling", value=int(ceilings.min()), reason="negative")
    limits = np.where(ceilings == 0, np.iinfo(np.int64).max, ceilings - np.asarray(freight, dtype=np.int64))
    order = np.argsort(-limits, kind="stable")
    falling, sums = limits[order], np.concatenate(([0], np.cumsum(quantities[order])))
    tried = []
    for step in steps:
        demand = int(sums[np.searchsorted(-falling, -step.price, side="right")])
        tried.append(Reached(step, demand, demand >= step.start))
    best = max((one for one in tried if one.reached), key=lambda one: one.step.start, default=None)
    if best is None:
        facts = {"demand": tried[0].demand, "minimum": steps[0].start}
        return Clearing(None, np.zeros(len(limits), dtype=bool), 0, tuple(tried), Reason("no_step_reached", facts))
    facts = {"start": best.step.start, "price": best.step.price, "demand": best.demand}
    why = Reason("largest_start_reached", facts)
    return Clearing(best.step, limits >= best.step.price, best.demand, tuple(tried), why)


def _check_steps(steps: Sequence[Step]) -> None:
    if not steps:
        raise BadValue(place="steps", value=None, reason="no step")
    if steps[0].start < 1 or steps[-1].price < 0:
        raise BadValue(place="steps", value=(steps[0].start, steps[-1].price), reason="start below 1 or price below 0")
    for place in range(1, len(steps)):
        before, step = steps[place - 1], steps[place]
        if step.start <= before.start:
            raise BadValue(place=f"steps[{place}].start", value=step.start, reason=f"not above {before.start}")
        if step.price > before.price:
            raise BadValue(place=f"steps[{place}].price", value=step.price, reason=f"rises above {before.price}")
