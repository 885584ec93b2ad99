"""Machine code from loops: numba, cached on disk, free of the interpreter's lock so that threads share the cores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]

POOL_COST = 5000  # minor units for every pool opened
NEVER = 2**62  # beyond every quantity and every amount that `Market` lets in


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile on first call; the machine code is kept beside the source for later processes."""
    ready: Any = numba.njit(cache=True, nogil=True)(function)
    return ready  # type: ignore[no-any-return]


class Piece(NamedTuple):
    """One component, ready to decide: lines in the order of deadline, then line number.

    low, high   first and last candidate closing day of a line, as places among the component's candidates
    quantity    units of a line
    rank        the lowest tier whose price the line's ceiling accepts (0 = any); the number of tiers when it accepts none
    start       per tier, the quantity it starts at (NEVER where the product has fewer tiers)
    price       per tier, minor units a unit, never rising
    out         minor units for each unit left out
    days        how many candidate days
    """

    low: Integers
    high: Integers
    quantity: Integers
    rank: Integers
    start: Integers
    price: Integers
    out: int
    days: int


class Board(NamedTuple):
    """Where the lines of a piece stand.

    pool     per line, its candidate day's place, or -1 when left out
    volume   per candidate day, the quantity joined
    member   per candidate day and rank, how many joined
    """

    pool: Integers
    volume: Integers
    member: Integers


@compiled
def tier_of(volume: int, start: Integers) -> int:
    """Return the tier a quantity falls in."""
    tier = 0
    while tier + 1 < len(start) and start[tier + 1] <= volume:
        tier += 1
    return tier


@compiled
def needed(member: Integers, day: int) -> int:
    """Return the lowest tier that all who joined a day accept."""
    for tier in range(member.shape[1] - 1, 0, -1):
        if member[day, tier] > 0:
            return tier
    return 0


@compiled
def new_board(piece: Piece) -> Board:
    """Return a board on which everybody is left out."""
    pool = np.full(len(piece.quantity), -1, np.int64)
    return Board(pool, np.zeros(piece.days, np.int64), np.zeros((piece.days, len(piece.start)), np.int64))


@compiled
def put(piece: Piece, board: Board, line: int, day: int) -> None:
    """Move a line to a day, or out (-1)."""
    old = board.pool[line]
    if old >= 0:
        board.volume[old] -= piece.quantity[line]
        board.member[old, piece.rank[line]] -= 1
    if day >= 0:
        board.volume[day] += piece.quantity[line]
        board.member[day, piece.rank[line]] += 1
    board.pool[line] = day


@compiled
def cost_between(piece: Piece, board: Board, first: int, last: int) -> int:
    """Return what all pools cost, and the lines first <= i < last that are left out."""
    total = 0
    for day in range(piece.days):
        if board.volume[day] > 0:
            total += POOL_COST + board.volume[day] * piece.price[tier_of(board.volume[day], piece.start)]
    for line in range(first, last):
        if board.pool[line] < 0:
            total += piece.quantity[line] * piece.out
    return total


@compiled
def expel(piece: Piece, board: Board, first: int, last: int) -> None:
    """Put out, among first <= i < last, who joined a pool whose price it does not accept, until everybody accepts."""
    for day in range(piece.days):
        while board.volume[day] > 0:
            tier = tier_of(board.volume[day], piece.start)
            if needed(board.member, day) <= tier:
                break
            for line in range(first, last):
                if board.pool[line] == day and piece.rank[line] > tier:
                    put(piece, board, line, -1)
