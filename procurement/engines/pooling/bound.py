"""A lower bound of a component's cost: every line is paid a value, every closing day keeps its best surplus.

For any values v with v_i <= q_i x out, cost >= sum v - sum over days of max(0, best surplus of one pool that day),
where the surplus of a pool of the lines S at tier k is sum over S of (v_i - q_i p_k) less the cost of a pool, S filling
the tier. The surplus is bounded from above by letting one line join in part. Values are found by the subgradient
method and rounded to 1/256 minor unit; the bound is then counted in integers. Derivation: docs/algorithms/pooling.md.
"""

from __future__ import annotations

import math

import numpy as np

from procurement.engines.pooling.compiled import (
    POOL_COST,
    Board,
    Integers,
    Piece,
    Reals,
    compiled,
    cost_between,
    tier_of,
)
from procurement.engines.pooling.components import Cut, piece_of
from procurement.engines.pooling.search import board_of, reachable

SHARES = 256  # values are whole numbers of 1/256 minor unit


@compiled
def bound_components(
    cut: Cut,
    todo: Integers,
    start: Integers,
    price: Integers,
    out: Integers,
    pool: Integers,
    rounds: int,
    cost: Integers,
    bound: Integers,
    value: Integers,
) -> None:
    """Fill cost and bound per component listed, and the values per line that prove the bound."""
    for component in todo:
        a, b = cut.first[component], cut.first[component + 1]
        piece = piece_of(cut, component, start, price, out)
        board = board_of(piece, pool[a:b])
        cost[component] = cost_between(piece, board, 0, b - a)
        bound[component] = raise_bound(piece, board, cost[component], rounds, value[a:b])


@compiled
def raise_bound(piece: Piece, board: Board, cost: int, rounds: int, value: Integers) -> int:
    """Return a lower bound, leaving in `value` what proves it; stop when it meets the cost."""
    lines = len(piece.quantity)
    most = (piece.quantity * piece.out).astype(np.float64)
    paid = _first_values(piece, board)
    best = np.full(lines, 0.0)
    found, length, stale = -1e300, 1.0, 0
    highest = reachable(piece)
    short, way = np.empty(lines), np.zeros(lines)
    lists = np.empty((piece.high - piece.low + 1).sum(), np.int64)
    for _ in range(rounds):
        worth = worth_of(piece, paid, highest, lists, short)
        if worth > found + 1e-7 * abs(found):
            found, stale = worth, 0
            best[:] = paid
        else:
            stale += 1
            if stale == 10:
                length, stale = length * 0.7, 0
                paid[:] = best
        if cost - found < 0.5 or length < 2e-3:
            break
        size = 0.0
        for line in range(lines):
            way[line] = 0.6 * short[line] + 0.4 * way[line]
            if paid[line] < most[line] or way[line] < 0:
                size += (way[line] * piece.quantity[line]) ** 2
        if size < 1e-12:
            break
        step = length * (cost - worth) / size
        for line in range(lines):
            paid[line] = min(most[line], paid[line] + step * way[line] * piece.quantity[line] ** 2)
    return _in_integers(piece, best, most, highest, lists, short, value)


@compiled
def _in_integers(
    piece: Piece, best: Reals, most: Reals, highest: Integers, lists: Integers, short: Reals, value: Integers
) -> int:
    for line in range(len(value)):
        value[line] = min(np.int64(most[line]) * SHARES, np.int64(np.rint(best[line] * SHARES)))
    return exact_worth(piece, value, highest, lists)


@compiled
def _first_values(piece: Piece, board: Board) -> Reals:
    paid = np.empty(len(piece.quantity))
    for line in range(len(paid)):
        day, each = board.pool[line], float(piece.out)
        if day >= 0:
            each = piece.price[tier_of(board.volume[day], piece.start)] + POOL_COST / board.volume[day]
        paid[line] = min(each, float(piece.out)) * piece.quantity[line]
    return paid


@compiled
def _list_by_day(piece: Piece, each: Reals, lists: Integers) -> Integers:
    """List each day's lines in the order of falling value a unit; return where each day's list starts."""
    begin = np.zeros(piece.days + 1, np.int64)
    for line in range(len(each)):
        for day in range(piece.low[line], piece.high[line] + 1):
            begin[day + 1] += 1
    begin = np.cumsum(begin)
    at = begin.copy()
    for line in np.argsort(-each, kind="mergesort"):
        for day in range(piece.low[line], piece.high[line] + 1):
            lists[at[day]] = line
            at[day] += 1
    return begin


@compiled
def worth_of(piece: Piece, paid: Reals, highest: Integers, lists: Integers, short: Reals) -> float:
    """Return the bound these values give; `short` becomes 1 less how often each line is taken: the way up."""
    begin = _list_by_day(piece, paid / piece.quantity, lists)
    worth = paid.sum()
    short[:] = 1.0
    for day in range(piece.days):
        here = lists[begin[day] : begin[day + 1]]
        most, chosen = 0.0, -1
        for tier in range(highest[day] + 1):
            surplus = surplus_of(piece, paid, here, tier, most)
            if surplus > most:
                most, chosen = surplus, tier
        if chosen >= 0:
            worth -= most
            _take(piece, paid, here, chosen, short)
    return worth


@compiled
def surplus_of(piece: Piece, paid: Reals, here: Integers, tier: int, enough: float) -> float:
    """Return the most that a pool of this day's lines keeps at a tier; -inf when it cannot be filled or keeps less."""
    surplus, volume = -float(POOL_COST), 0.0
    price, start = piece.price[tier], piece.start[tier]
    for line in here:
        if piece.rank[line] > tier:
            continue
        quantity = piece.quantity[line]
        keeps = paid[line] - quantity * price
        if keeps < 0:
            if volume >= start or surplus <= enough:
                break
            part = min(1.0, (start - volume) / quantity)
            surplus += part * keeps
            volume += part * quantity
        else:
            surplus += keeps
            volume += quantity
    return surplus if volume >= start - 1e-9 else -math.inf


@compiled
def _take(piece: Piece, paid: Reals, here: Integers, tier: int, short: Reals) -> None:
    volume = 0.0
    price, start = piece.price[tier], piece.start[tier]
    for line in here:
        if piece.rank[line] > tier:
            continue
        quantity = piece.quantity[line]
        part = 1.0
        if paid[line] < quantity * price:
            if volume >= start:
                return
            part = min(1.0, (start - volume) / quantity)
        short[line] -= part
        volume += part * quantity


@compiled
def exact_worth(piece: Piece, value: Integers, highest: Integers, lists: Integers) -> int:
    """Return the bound of values in shares of a minor unit, in integers: every surplus rounded up, then the bound.

    Costs are whole, so a bound may be rounded up.
    """
    begin = _list_by_day(piece, value / piece.quantity, lists)
    worth = value.sum()
    for day in range(piece.days):
        here = lists[begin[day] : begin[day + 1]]
        most = 0
        for tier in range(highest[day] + 1):
            most = max(most, _whole_surplus(piece, value, here, tier))
        worth -= most
    return -(-worth // SHARES)


@compiled
def _whole_surplus(piece: Piece, value: Integers, here: Integers, tier: int) -> int:
    surplus, volume = -POOL_COST * SHARES, 0
    price, start = piece.price[tier] * SHARES, piece.start[tier]
    for line in here:
        if piece.rank[line] > tier:
            continue
        quantity = piece.quantity[line]
        keeps = value[line] - quantity * price
        if keeps >= 0 or volume + quantity <= start:
            surplus += keeps
            volume += quantity
        elif volume < start:
            loss = float(-keeps) * float(start - volume) / float(quantity)
            return surplus - math.floor(loss * (1 - 1e-12))
        else:
            break
    return surplus if volume >= start else 0
