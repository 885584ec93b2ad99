"""Which price step one closing reaches: the largest consistent prefix by ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from marketplace.kernel.refusals import BadValue
from procurement.engines.pooling.grouping import check_quantities
from procurement.engines.reasons import Reason


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
    check_quantities(quantities)
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
