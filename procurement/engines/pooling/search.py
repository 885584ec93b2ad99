"""The better decision: open, close and fill pools at random around a day, repair by single moves, keep what helps.

Simulated annealing over sets of closing days; seeded, so the same market and seed give the same decision.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from procurement.engines.pooling.compiled import Board, Integers, Piece, compiled, cost_between, expel, new_board, put
from procurement.engines.pooling.components import Cut, piece_of
from procurement.engines.pooling.sweep import close_day, fill_day, improve

Dice = NDArray[np.uint64]

WARMTH = 5e-4  # of a component's cost: the worsening taken with probability 1/e at the start


@compiled
def roll(dice: Dice, below: int) -> int:
    """Return an integer 0 <= r < below (xorshift64; Marsaglia, Xorshift RNGs, 2003)."""
    state = dice[0]
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    dice[0] = state
    return np.int64(state >> np.uint64(2)) % below  # type: ignore[return-value]


@compiled
def search_components(
    cut: Cut,
    todo: Integers,
    start: Integers,
    price: Integers,
    out: Integers,
    pool: Integers,
    rounds: int,
    seed: Integers,
) -> None:
    """Better the decisions in `pool` of the components listed; `rounds` tries for each line, `seed` by component."""
    for component in todo:
        a, b = cut.first[component], cut.first[component + 1]
        piece = piece_of(cut, component, start, price, out)
        dice = np.array([seed[component] * 2654435761 + 88172645463325252], np.uint64)
        board = board_of(piece, pool[a:b])
        search(piece, board, rounds * (b - a), dice)
        pool[a:b] = board.pool


@compiled
def board_of(piece: Piece, pool: Integers) -> Board:
    """Return the board of a decision."""
    board = new_board(piece)
    for line in range(len(pool)):
        if pool[line] >= 0:
            put(piece, board, line, pool[line])
    return board


@compiled
def reachable(piece: Piece) -> Integers:
    """Return, per candidate day, the highest tier that all who accept its price could fill; -1 for none."""
    tiers = len(piece.start)
    most = np.zeros((piece.days, tiers), np.int64)
    for line in range(len(piece.quantity)):
        for day in range(piece.low[line], piece.high[line] + 1):
            for tier in range(piece.rank[line], tiers):
                most[day, tier] += piece.quantity[line]
    highest = np.full(piece.days, -1, np.int64)
    for day in range(piece.days):
        for tier in range(tiers):
            if most[day, tier] >= piece.start[tier]:
                highest[day] = tier
    return highest


@compiled
def search(piece: Piece, board: Board, tries: int, dice: Dice) -> None:
    """Anneal one component; leave the best decision seen on the board."""
    lines = len(piece.quantity)
    longest = (piece.high - piece.low).max()
    highest = reachable(piece)
    cost = cost_between(piece, board, 0, lines)
    best, kept = cost, board.pool.copy()
    spare = Board(board.pool.copy(), board.volume.copy(), board.member.copy())
    for turn in range(tries):
        warmth = WARMTH * cost * (1 - turn / tries)
        day, reach = roll(dice, piece.days), roll(dice, 4)
        first = np.searchsorted(piece.high, day - reach)  # who may join a day within reach
        last = np.searchsorted(piece.high, day + reach + longest, side="right")
        widest = np.searchsorted(piece.high, day - reach - longest)  # and who shares a pool with them
        wider = np.searchsorted(piece.high, day + reach + 2 * longest, side="right")
        keep(spare, board, widest, wider)
        before = cost_between(piece, board, widest, wider)
        if not shake(piece, board, first, last, day, reach, highest, dice):
            continue
        expel(piece, board, widest, wider)
        improve(piece, board, first, last, 4)
        change = cost_between(piece, board, widest, wider) - before
        if change <= 0 or roll(dice, 1 << 30) < math.exp(-change / max(warmth, 1e-9)) * (1 << 30):
            cost += change
            if cost < best:
                best = cost
                kept[:] = board.pool
        else:
            keep(board, spare, widest, wider)
    restore(piece, board, kept)


@compiled
def keep(into: Board, board: Board, first: int, last: int) -> None:
    """Copy the places of the lines first <= i < last, and all pools."""
    into.pool[first:last] = board.pool[first:last]
    into.volume[:] = board.volume
    into.member[:] = board.member


@compiled
def restore(piece: Piece, board: Board, pool: Integers) -> None:
    """Put every line where `pool` has it."""
    for line in range(len(pool)):
        if board.pool[line] != pool[line]:
            put(piece, board, line, pool[line])


@compiled
def shake(
    piece: Piece, board: Board, first: int, last: int, day: int, reach: int, highest: Integers, dice: Dice
) -> bool:
    """Close the pool nearest to a day, or fill that day at a tier after closing pools around it; False: nothing done."""
    if roll(dice, 5) == 0:
        return _close_nearest(piece, board, first, last, day, reach)
    if highest[day] < 0:
        return False
    tier = highest[day]
    if roll(dice, 2) == 0:
        tier = roll(dice, tier + 1)
    elif tier > 0:
        tier -= roll(dice, 2)
    for other in range(max(0, day - reach), min(piece.days, day + reach + 1)):
        if other != day and board.volume[other] > 0 and roll(dice, 10) < 7:
            close_day(piece, board, first, last, other)
    fill_day(piece, board, first, last, day, tier, roll(dice, last - first))
    return True


@compiled
def _close_nearest(piece: Piece, board: Board, first: int, last: int, day: int, reach: int) -> bool:
    for away in range(reach + 1):
        for other in (day - away, day + away):
            if 0 <= other < piece.days and board.volume[other] > 0:
                close_day(piece, board, first, last, other)
                return True
    return False
