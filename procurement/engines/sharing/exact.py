"""Small linear systems in fractions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction


def _reduced(rows: Sequence[Sequence[Fraction]], width: int) -> tuple[list[list[Fraction]], list[int]]:
    """Return the reduced echelon form over the first `width` columns, and its pivot columns (Gauss and Jordan)."""
    left = [list(row) for row in rows]
    pivots: list[int] = []
    for column in range(width):
        at = len(pivots)
        found = next((r for r in range(at, len(left)) if left[r][column]), None)
        if found is None:
            continue
        left[at], left[found] = left[found], left[at]
        pivot = left[at][column]
        left[at] = [one / pivot for one in left[at]]
        for r, row in enumerate(left):
            if r != at and row[column]:
                factor = row[column]
                left[r] = [a - factor * b for a, b in zip(row, left[at], strict=True)]
        pivots.append(column)
    return left, pivots


def solve(rows: Sequence[Sequence[int]], values: Sequence[Fraction]) -> list[Fraction] | None:
    """Return the one solution of rows . x = values, None when there is none or more than one."""
    width = len(rows[0]) if rows else 0
    augmented = [[*map(Fraction, row), value] for row, value in zip(rows, values, strict=True)]
    left, pivots = _reduced(augmented, width)
    if len(pivots) < width or any(row[width] for row in left[len(pivots) :]):
        return None
    return [left[place][width] for place in range(width)]


def independent(rows: Sequence[Sequence[int]], row: Sequence[int]) -> bool:
    """Say whether `row` is no combination of `rows`."""
    every = [[Fraction(one) for one in each] for each in (*rows, row)]
    return len(_reduced(every, len(row))[1]) == len(every)


def null_space(rows: Sequence[Sequence[int]], width: int) -> list[tuple[int, ...]]:
    """Return whole directions, a basis of all, along which no row's value changes."""
    left, pivots = _reduced([[Fraction(one) for one in row] for row in rows], width)
    basis = []
    for free in (column for column in range(width) if column not in pivots):
        direction = [Fraction(0)] * width
        direction[free] = Fraction(1)
        for place, pivot in enumerate(pivots):
            direction[pivot] = -left[place][free]
        parts = math.lcm(*(one.denominator for one in direction))
        basis.append(tuple(int(one * parts) for one in direction))
    return basis
