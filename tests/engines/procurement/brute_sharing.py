"""Sharing by brute force in fractions: what the engine is held against. Shares no code with it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, permutations


def coalitions(n: int) -> list[tuple[int, ...]]:
    """Every coalition but none and all."""
    return [some for size in range(1, n) for some in combinations(range(n), size)]


def mask(some: Sequence[int]) -> int:
    return sum(1 << place for place in some)


def tariff_costs(quantities: Sequence[int], steps: Sequence[tuple[int, int]]) -> list[int]:
    """What every coalition pays, by bit mask; below the first step its price holds."""
    costs = []
    for bits in range(1 << len(quantities)):
        units = sum(quantity for place, quantity in enumerate(quantities) if bits >> place & 1)
        price = steps[0][1]
        for start, asked in steps:
            if units >= start:
                price = asked
        costs.append(units * price)
    return costs


def worst_excess(costs: Sequence[int], shares: Sequence[Fraction | int], n: int) -> Fraction:
    return max(Fraction(sum(shares[place] for place in some)) - costs[mask(some)] for some in coalitions(n))


def shapley(costs: Sequence[int], n: int) -> list[Fraction]:
    """The mean over all n! orders of what each adds."""
    sums, orders = [Fraction(0)] * n, 0
    for order in permutations(range(n)):
        came, orders = 0, orders + 1
        for place in order:
            sums[place] += costs[came | 1 << place] - costs[came]
            came |= 1 << place
    return [one / orders for one in sums]


def complaints(costs: Sequence[int], shares: Sequence[Fraction], n: int) -> list[Fraction]:
    """The excesses of all coalitions, the worst first: the nucleolus has the least such list, word by word."""
    return sorted((sum(shares[place] for place in some) - costs[mask(some)] for some in coalitions(n)), reverse=True)


def nucleolus_of_three(costs: Sequence[int]) -> list[Fraction]:
    """The nucleolus of three members: the best corner of the arrangement in which two excesses, or a member's share and
    its own cost, are equal (on each cell the order of excesses is fixed, and the one best point is a corner)."""
    planes: list[tuple[tuple[int, int, int], int]] = [
        ((one == 0, one == 1, one == 2), costs[1 << one])  # type: ignore[misc]
        for one in range(3)
    ]
    for left, right in combinations(coalitions(3), 2):
        row = tuple((place in left) - (place in right) for place in range(3))
        planes.append((row, costs[mask(left)] - costs[mask(right)]))  # type: ignore[arg-type]
    alone = [costs[1 << one] for one in range(3)]
    bounded = sum(alone) >= costs[7]
    best: tuple[list[Fraction], list[Fraction]] | None = None
    for (a, p), (b, q) in combinations(planes, 2):
        point = _meet([a, b, (1, 1, 1)], [p, q, costs[7]])
        if point is None or (bounded and any(x > c for x, c in zip(point, alone, strict=True))):
            continue
        found = complaints(costs, point, 3), point
        if best is None or found[0] < best[0]:
            best = found
    assert best is not None
    return best[1]


def _meet(rows: Sequence[Sequence[int]], values: Sequence[int]) -> list[Fraction] | None:
    """Cramer's rule in three unknowns."""
    whole = _determinant(rows)
    if not whole:
        return None
    found = []
    for column in range(3):
        swapped = [[values[r] if c == column else rows[r][c] for c in range(3)] for r in range(3)]
        found.append(Fraction(_determinant(swapped), whole))
    return found


def _determinant(m: Sequence[Sequence[int]]) -> int:
    (a, b, c), (d, e, f), (g, h, i) = m
    return int(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g))
