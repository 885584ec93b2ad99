"""A market cut into components: maximal runs of overlapping windows of one product and region.

Lines of different components never share a pool (a pool's day lies in the windows of all its members), so each
component is decided and bounded by itself and the totals add up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from procurement.engines.pooling.compiled import Integers, Piece, compiled


class Cut(NamedTuple):
    """Lines in the order of product, region, deadline, line number; components are slices of them.

    order       per place, the line's place in the market
    earliest, deadline, quantity, rank, low, high   per place (low, high: see Piece)
    first       per component, where its lines start; one more at the end
    product     per component
    candidate   from first[c] on, the candidate closing days of component c
    days        per component, how many candidates
    """

    order: Integers
    earliest: Integers
    deadline: Integers
    quantity: Integers
    rank: Integers
    low: Integers
    high: Integers
    first: Integers
    product: Integers
    candidate: Integers
    days: Integers


@compiled
def counted_order(key: Integers, most: int, before: Integers) -> Integers:
    """Sort the places of `before` by key, stably, for keys 0..most: one count and one scatter."""
    place = np.zeros(most + 2, np.int64)
    for one in key:
        place[one + 1] += 1
    for one in range(1, most + 2):
        place[one] += place[one - 1]
    order = np.empty(len(key), np.int64)
    for line in before:
        order[place[key[line]]] = line
        place[key[line]] += 1
    return order


@compiled
def group_keys(product: Integers, region: Integers, regions: int) -> Integers:
    """Return one integer for each line's product and region."""
    return product * regions + region


@compiled
def runs(group: Integers, order: Integers, earliest: Integers, deadline: Integers) -> Integers:
    """Return where components start, from lines sorted by group and deadline: a sweep from the right.

    A component starts at a line when the line before is of another group, or was due before every later start.
    """
    lines = len(order)
    starts = np.empty(lines + 1, np.int64)
    found = 0
    soonest = np.int64(2**62)
    for place in range(lines - 1, -1, -1):
        soonest = min(soonest, earliest[place])
        if place == 0 or group[order[place - 1]] != group[order[place]] or deadline[place - 1] < soonest:
            starts[found] = place
            found += 1
            soonest = np.int64(2**62)
    first = np.empty(found + 1, np.int64)
    for one in range(found):
        first[one] = starts[found - 1 - one]
    first[found] = lines
    return first


@compiled
def find_candidates(cut: Cut, todo: Integers) -> None:
    """Fill candidate, days, low and high of the components listed.

    Closing on a deadline loses nothing (a pool moves to its members' first deadline). Of two deadlines with no start
    between, the later one's lines are among the earlier one's. So what is left are the right ends of the maximal
    cliques of the windows.
    """
    for component in todo:
        a, b = cut.first[component], cut.first[component + 1]
        if b - a == 1:
            cut.candidate[a], cut.days[component], cut.low[a], cut.high[a] = cut.deadline[a], 1, 0, 0
            continue
        found = _cliques(cut.earliest[a:b], cut.deadline[a:b], cut.candidate[a:b])
        cut.days[component] = found
        _places(cut, a, b, found)


@compiled
def _cliques(earliest: Integers, deadline: Integers, candidate: Integers) -> int:
    starts = np.sort(earliest)
    found = begun = line = 0
    lines = len(starts)
    while line < lines:
        day = deadline[line]
        if begun < lines and starts[begun] <= day:
            candidate[found] = day
            found += 1
            while begun < lines and starts[begun] <= day:
                begun += 1
        while line < lines and deadline[line] == day:
            line += 1
    return found


@compiled
def _places(cut: Cut, a: int, b: int, found: int) -> None:
    days = cut.candidate[a : a + found]
    last = -1
    for line in range(a, b):
        while last + 1 < found and days[last + 1] <= cut.deadline[line]:
            last += 1
        cut.high[line] = last
        low = last
        while low > 0 and days[low - 1] >= cut.earliest[line]:
            low -= 1
        cut.low[line] = low


@compiled
def piece_of(cut: Cut, component: int, start: Integers, price: Integers, out: Integers) -> Piece:
    """Return one component as a piece; `start` and `price` run over products and tiers, `out` over products."""
    a, b = cut.first[component], cut.first[component + 1]
    product = cut.product[component]
    return Piece(
        cut.low[a:b],
        cut.high[a:b],
        cut.quantity[a:b],
        cut.rank[a:b],
        start[product],
        price[product],
        out[product],
        cut.days[component],
    )


@compiled
def gather(order: Integers, column: Integers) -> Integers:
    """Return a column in another order."""
    return column[order]


@compiled
def ranks(order: Integers, product: Integers, ceiling: Integers, price: Integers) -> Integers:
    """Return, in `order`, the lowest tier each line accepts."""
    rank = np.zeros(len(order), np.int64)
    for place in range(len(order)):
        line = order[place]
        if ceiling[line] > 0:
            prices = price[product[line]]
            while rank[place] < len(prices) and prices[rank[place]] > ceiling[line]:
                rank[place] += 1
    return rank


@compiled
def closing_days(cut: Cut, pool: Integers) -> Integers:
    """Return, per line of the market, the day its pool closes, -1 when it is left out."""
    closing = np.empty(len(pool), np.int64)
    for component in range(len(cut.product)):
        a = cut.first[component]
        for line in range(a, cut.first[component + 1]):
            closing[cut.order[line]] = -1 if pool[line] < 0 else cut.candidate[a + pool[line]]
    return closing


@compiled
def count_pools(cut: Cut, pool: Integers) -> int:
    """Return how many pools are opened."""
    count = 0
    for component in range(len(cut.product)):
        a, b = cut.first[component], cut.first[component + 1]
        used = np.zeros(cut.days[component], np.bool_)
        for line in range(a, b):
            if pool[line] >= 0:
                used[pool[line]] = True
        count += used.sum()
    return count
