"""Small components solved exactly: dynamic programming over closing days and sets of lines."""

from __future__ import annotations

import numpy as np

from procurement.engines.pooling.compiled import NEVER, POOL_COST, Integers, Piece, compiled, tier_of
from procurement.engines.pooling.components import Cut, piece_of

LINES = 10  # 3 ** LINES steps a day at most


@compiled
def solve_components(cut: Cut, todo: Integers, start: Integers, price: Integers, out: Integers, pool: Integers) -> None:
    """Write the cheapest decision of each component listed (at most `LINES` lines) into `pool`."""
    for component in todo:
        a, b = cut.first[component], cut.first[component + 1]
        solve_small(piece_of(cut, component, start, price, out), pool[a:b])


@compiled
def enumerate_bounds(
    cut: Cut, todo: Integers, start: Integers, price: Integers, out: Integers, cost: Integers, bound: Integers
) -> None:
    """Put the cost of the cheapest decision into `bound`, for the components listed whose bound is below their cost."""
    for component in todo:
        if bound[component] < cost[component]:
            pool = np.empty(cut.first[component + 1] - cut.first[component], np.int64)
            bound[component] = solve_small(piece_of(cut, component, start, price, out), pool)


@compiled
def solve_small(piece: Piece, pool: Integers) -> int:
    """Find the cheapest decision of a piece and return its cost.

    saved[s] = the most that pools closed so far save against leaving everybody out, when exactly the lines of set s joined.
    Day by day every set that may join one pool is added to every set disjoint from it.
    """
    lines = len(pool)
    sets = 1 << lines
    gain = _gains(piece, lines)
    saved = np.full(sets, -NEVER, np.int64)
    saved[0] = 0
    came = np.zeros((piece.days, sets), np.int64)
    for day in range(piece.days):
        here = 0
        for line in range(lines):
            if piece.low[line] <= day <= piece.high[line]:
                here |= 1 << line
        _close(saved, came[day], gain, here, sets)
    best = np.argmax(saved)
    _read_back(piece, came, best, pool)
    return (piece.quantity.sum() * piece.out) - saved[best]  # type: ignore[no-any-return]


@compiled
def _gains(piece: Piece, lines: int) -> Integers:
    """Return what each set of lines saves as one pool; -NEVER where somebody does not accept the price."""
    gain = np.full(1 << lines, -NEVER, np.int64)
    for chosen in range(1, 1 << lines):
        volume, need = 0, 0
        for line in range(lines):
            if chosen >> line & 1:
                volume += piece.quantity[line]
                need = max(need, piece.rank[line])
        tier = tier_of(volume, piece.start)
        if need <= tier:
            gain[chosen] = volume * (piece.out - piece.price[tier]) - POOL_COST
    return gain


@compiled
def _close(saved: Integers, came: Integers, gain: Integers, here: int, sets: int) -> None:
    before = saved.copy()
    chosen = here
    while chosen > 0:
        if gain[chosen] > 0:
            rest = (sets - 1) & ~chosen
            old = rest
            while True:
                if before[old] >= 0 and before[old] + gain[chosen] > saved[old | chosen]:
                    saved[old | chosen] = before[old] + gain[chosen]
                    came[old | chosen] = chosen
                if old == 0:
                    break
                old = (old - 1) & rest
        chosen = (chosen - 1) & here


@compiled
def _read_back(piece: Piece, came: Integers, joined: int, pool: Integers) -> None:
    pool[:] = -1
    for day in range(piece.days - 1, -1, -1):
        chosen = came[day, joined]
        for line in range(len(pool)):
            if chosen >> line & 1:
                pool[line] = day
        joined &= ~chosen
