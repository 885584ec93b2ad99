"""The fast decision: one pass of dynamic programming over closing days, then single moves.

Within the decisions in which every line joins the first pool of its window, the best set of closing days is a shortest
path: the lines that start after the pool before and are due at or after this day are known from the two days alone.
"""

from __future__ import annotations

import numpy as np

from procurement.engines.pooling.compiled import (
    NEVER,
    POOL_COST,
    Board,
    Integers,
    Piece,
    compiled,
    needed,
    new_board,
    put,
    tier_of,
)
from procurement.engines.pooling.components import Cut, piece_of


@compiled
def sweep_components(
    cut: Cut, todo: Integers, start: Integers, price: Integers, out: Integers, pool: Integers
) -> None:
    """Decide the components listed; write each line's candidate day, or -1, into `pool`."""
    for component in todo:
        a, b = cut.first[component], cut.first[component + 1]
        piece = piece_of(cut, component, start, price, out)
        if piece.days == 1:
            close_once(piece, pool[a:b])
            continue
        board = new_board(piece)
        close_in_turn(piece, board, best_days(piece))
        improve(piece, board, 0, b - a, 8)
        pool[a:b] = board.pool


@compiled
def reached_tier(accepting: Integers, start: Integers) -> tuple[int, int]:
    """Return the last tier that those who accept it fill (-1: none), and their quantity; `accepting` is by rank."""
    volume, best, joined = 0, -1, 0
    for tier in range(len(start)):
        volume += accepting[tier]
        if volume >= start[tier]:
            best, joined = tier, volume
    return best, joined


@compiled
def close_once(piece: Piece, pool: Integers) -> None:
    """Decide one closing day exactly: the largest consistent prefix by ceiling, or nobody when leaving out is cheaper."""
    accepting = np.zeros(len(piece.start), np.int64)
    for line in range(len(pool)):
        if piece.rank[line] < len(accepting):
            accepting[piece.rank[line]] += piece.quantity[line]
    tier, joined = reached_tier(accepting, piece.start)
    opens = tier >= 0 and POOL_COST + joined * piece.price[tier] < joined * piece.out
    for line in range(len(pool)):
        pool[line] = 0 if opens and piece.rank[line] <= tier else -1


@compiled
def _spread(piece: Piece, longest: int) -> tuple[Integers, Integers]:
    """Return quantities by first candidate low: due[low, d, rank] of those due at low + d or after, gone[low, d] before."""
    tiers = len(piece.start)
    due = np.zeros((piece.days, longest + 1, tiers), np.int64)
    gone = np.zeros((piece.days, longest + 2), np.int64)
    for line in range(len(piece.quantity)):
        low, length, rank = piece.low[line], piece.high[line] - piece.low[line], piece.rank[line]
        if rank < tiers:
            due[low, length, rank] += piece.quantity[line]
        gone[low, length + 1] += piece.quantity[line]
    for low in range(piece.days):
        for length in range(longest - 1, -1, -1):
            for rank in range(tiers):
                due[low, length, rank] += due[low, length + 1, rank]
        for length in range(1, longest + 2):
            gone[low, length] += gone[low, length - 1]
    return due, gone


@compiled
def best_days(piece: Piece) -> Integers:
    """Return closing days, in order: the shortest path when every line joins the first pool of its window.

    Arcs back from a day end where what is missed in between alone makes them dearer than the best so far.
    """
    days, tiers = piece.days, len(piece.start)
    longest = (piece.high - piece.low).max()
    due, gone = _spread(piece, longest)
    best, before = np.full(days + 2, NEVER, np.int64), np.full(days + 2, -1, np.int64)
    best[0] = 0
    accepting = np.zeros(tiers, np.int64)
    for day in range(days + 1):  # node day + 1 closes on that day; node days + 1 is the end
        accepting[:] = 0
        missed = 0
        for low in range(day, -1, -1):  # node low closed on day low - 1: new are the lines that start from low on
            if low < days:
                missed += gone[low, min(day - low, longest + 1)]
                if day < days and day - low <= longest:
                    for rank in range(tiers):
                        accepting[rank] += due[low, day - low, rank]
            cost = best[low] + missed * piece.out
            if cost >= best[day + 1]:
                break
            cost += _closing_cost(piece, accepting, day)
            if cost < best[day + 1]:
                best[day + 1], before[day + 1] = cost, low
    return _walk_back(before)


@compiled
def _closing_cost(piece: Piece, accepting: Integers, day: int) -> int:
    """Return the cost of closing with these quantities by rank, who is refused being left out; 0 at the end."""
    if day == piece.days:
        return 0
    volume, joined, tier = 0, 0, 0
    for rank in range(len(accepting)):
        volume += accepting[rank]
        if volume >= piece.start[rank]:
            joined, tier = volume, rank
    return POOL_COST + joined * piece.price[tier] + (volume - joined) * piece.out


@compiled
def _walk_back(before: Integers) -> Integers:
    chosen = np.empty(len(before), np.int64)
    count, node = 0, before[-1]
    while node > 0:
        chosen[count] = node - 1
        count += 1
        node = before[node]
    return chosen[:count][::-1].copy()


@compiled
def close_in_turn(piece: Piece, board: Board, days: Integers) -> None:
    """Close on these days in order: who is still out and accepts the largest step reached joins."""
    lines = len(piece.quantity)
    accepting = np.zeros(len(piece.start), np.int64)
    begun = 0
    for day in days:
        while begun < lines and piece.high[begun] < day:
            begun += 1
        accepting[:] = 0
        for line in range(begun, lines):
            if piece.low[line] <= day and board.pool[line] < 0 and piece.rank[line] < len(accepting):
                accepting[piece.rank[line]] += piece.quantity[line]
        tier, _ = reached_tier(accepting, piece.start)
        for line in range(begun, lines):
            if piece.low[line] <= day and board.pool[line] < 0 and piece.rank[line] <= tier:
                put(piece, board, line, day)


@compiled
def improve(piece: Piece, board: Board, first: int, last: int, rounds: int) -> None:
    """Move single lines first <= i < last between open pools and out, while that saves; members stay satisfied."""
    for _ in range(rounds):
        moved = False
        for line in range(first, last):
            if piece.rank[line] < len(piece.start):
                day = _better_place(piece, board, line)
                if day != board.pool[line]:
                    put(piece, board, line, day)
                    moved = True
        if not moved:
            return


@compiled
def _better_place(piece: Piece, board: Board, line: int) -> int:
    here, quantity = board.pool[line], piece.quantity[line]
    leaving = _saved_by_leaving(piece, board, line)
    if leaving == NEVER:
        return here
    best, place = 0, here
    if here >= 0 and quantity * piece.out < leaving:
        best, place = quantity * piece.out - leaving, -1
    for day in range(piece.low[line], piece.high[line] + 1):
        volume = board.volume[day]
        if volume == 0 or day == here:
            continue
        tier = tier_of(volume, piece.start)
        after = tier
        while after + 1 < len(piece.start) and piece.start[after + 1] <= volume + quantity:
            after += 1
        if after >= piece.rank[line]:
            change = (volume + quantity) * piece.price[after] - volume * piece.price[tier] - leaving
            if change < best:
                best, place = change, day
    return place


@compiled
def _saved_by_leaving(piece: Piece, board: Board, line: int) -> int:
    """Return what its pool saves (or the penalty saved) when a line goes; NEVER when the others would not accept it."""
    here, quantity = board.pool[line], piece.quantity[line]
    if here < 0:
        return quantity * piece.out
    volume = board.volume[here]
    tier = tier_of(volume, piece.start)
    if volume == quantity:
        return POOL_COST + volume * piece.price[tier]
    after = tier
    while piece.start[after] > volume - quantity:
        after -= 1
    if after < tier:
        board.member[here, piece.rank[line]] -= 1
        kept = needed(board.member, here) <= after
        board.member[here, piece.rank[line]] += 1
        if not kept:
            return NEVER
    return volume * piece.price[tier] - (volume - quantity) * piece.price[after]


@compiled
def close_day(piece: Piece, board: Board, first: int, last: int, day: int) -> None:
    """Put out everybody who joined a day."""
    for line in range(first, last):
        if board.pool[line] == day:
            put(piece, board, line, -1)


@compiled
def fill_day(piece: Piece, board: Board, first: int, last: int, day: int, tier: int, turn: int) -> None:
    """Gather a pool at a tier: first who pays less there, then anybody until the tier is full; start at `turn`."""
    lines = last - first
    for willing in (True, False):
        for step in range(lines):
            line = first + (step + turn) % lines
            if not willing and board.volume[day] >= piece.start[tier]:
                break
            here = board.pool[line]
            if here == day or piece.low[line] > day or piece.high[line] < day or piece.rank[line] > tier:
                continue
            pays = piece.out if here < 0 else piece.price[tier_of(board.volume[here], piece.start)]
            if not willing or pays > piece.price[tier]:
                put(piece, board, line, day)
