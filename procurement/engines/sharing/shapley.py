"""The Shapley value: what each member adds, averaged over all orders in which they could come."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from procurement.engines.sharing.games import CostGame, Floats, Ints
from procurement.engines.sharing.tariff import TariffGame

MOST_STEPS = 2**33  # members x units x nodes: some ten seconds
NODE_CELLS = 2**21  # nodes x units worked on at once: 16 MB an array


@dataclass(frozen=True)
class Value:
    """Shares in 1/parts of a minor unit: exact, or by quadrature with how far they miss the whole (`residual`)."""

    shares: tuple[Fraction, ...]
    method: str
    residual: float = 0.0


def shapley(game: CostGame, most_steps: int = MOST_STEPS) -> Value | None:
    """Return the Shapley value of a game, None when it is too large for either method.

    Games that can be listed are computed exactly from all 2^n coalitions (`listed_shapley`); larger tariff games by
    `tariff_shapley`.
    """
    if game.listed:
        return Value(listed_shapley(game.table()), "all_coalitions")
    if isinstance(game, TariffGame) and game.cells * nodes_for(len(game.members)) <= most_steps:
        return tariff_shapley(game)
    return None


def listed_shapley(table: Ints) -> tuple[Fraction, ...]:
    """Return the exact Shapley value from every coalition's cost by bit mask.

    x_i = sum over S without i of |S|! (n-|S|-1)!/n! x (c(S+i) - c(S)). Added by size in 64-bit integers, in two halves
    so that nothing overflows, then weighed in fractions. O(n 2^n).

    Source: Shapley, A value for n-person games, 1953.
    """
    n = len(table).bit_length() - 1
    masks = np.arange(len(table))
    size = np.bitwise_count(masks).astype(np.int64)
    weights = [Fraction(math.factorial(s) * math.factorial(n - s - 1), math.factorial(n)) for s in range(n)]
    shares = []
    for place in range(n):
        without = masks[masks >> place & 1 == 0]
        added = table[without | 1 << place] - table[without]
        by_size = [_exact_sum(added[size[without] == s]) for s in range(n)]
        shares.append(sum((w * a for w, a in zip(weights, by_size, strict=True)), Fraction(0)))
    return tuple(shares)


def _exact_sum(numbers: Ints) -> int:
    return (int((numbers >> 32).sum()) << 32) + int((numbers & 0xFFFFFFFF).sum())


def nodes_for(members: int) -> int:
    """Return how many Gauss-Legendre nodes integrate a polynomial of degree `members` - 1 without error."""
    return max(1, (members + 1) // 2)


def tariff_shapley(game: TariffGame) -> Value:
    """Return the Shapley value of a tariff game of many members, by quadrature that leaves no error but rounding.

    Let everybody else come with chance t: x_i = integral over t in [0, 1] of E[c(W + q_i) - c(W)], W the quantity that
    came (the multilinear extension). The integrand is a polynomial of degree n - 1 in t, so ceil(n/2) Gauss-Legendre
    nodes give the integral itself. At each node the distribution of everybody's quantity is one convolution a member;
    leaving one out is the recursion R[w] = (P[w] - t R[w-q]) / (1-t), run upwards for t <= 1/2 and downwards else, so
    that errors never grow. Members of equal quantity are computed once.

    cost    O(n x units x (n + distinct quantities) / 2), memory 16 MB a work array
    returns doubles; what they miss of c(N) is published and spread in proportion (it is rounding: about 1e-12 of c(N))

    Source: Owen, Multilinear extensions of games, Management Science 18, 1972, section 5.
    """
    nodes, weights = np.polynomial.legendre.leggauss(nodes_for(len(game.members)))
    nodes, weights = (nodes + 1) / 2, weights / 2
    by_quantity = {game.quantities[places[0]]: 0.0 for places in game.groups}
    at_once = max(1, NODE_CELLS // (game.units + 1))
    for start in range(0, len(nodes), at_once):
        some = slice(start, start + at_once)
        _add_nodes(game, nodes[some], weights[some], by_quantity)
    shares = [Fraction(by_quantity[quantity]) for quantity in game.quantities]
    missed = Fraction(game.whole) - sum(shares, Fraction(0))
    spread = [one + missed * quantity / game.units for one, quantity in zip(shares, game.quantities, strict=True)]
    return Value(tuple(spread), "multilinear_quadrature", abs(float(missed)))


def _add_nodes(game: TariffGame, nodes: Floats, weights: Floats, into: dict[int, float]) -> None:
    """Add these nodes' part of the integral, by quantity."""
    chances = _chances(game, nodes)
    costs = game.costs.astype(np.float64)
    low = nodes <= 0.5
    for quantity in into:
        added = costs[quantity:] - costs[: len(costs) - quantity]
        up = _without(chances[low], nodes[low], quantity) @ added
        down = _without(chances[~low][:, ::-1], 1 - nodes[~low], quantity)[:, ::-1] @ added
        into[quantity] += float(weights[low] @ up + weights[~low] @ down)


def _chances(game: TariffGame, nodes: Floats) -> Floats:
    """Return, by node and quantity, the chance that those who come want just that much."""
    chances = np.zeros((len(nodes), game.units + 1))
    chances[:, 0] = 1.0
    t = nodes[:, None]
    reached = 0
    for quantity in game.quantities:
        reached += quantity
        came = chances[:, : reached + 1 - quantity] * t
        chances[:, : reached + 1] *= 1 - t
        chances[:, quantity : reached + 1] += came
    return chances


def _without(chances: Floats, nodes: Floats, quantity: int) -> Any:
    """Return the chances without one member of `quantity`, nodes <= 1/2; by node, 0 .. units - quantity."""
    from scipy.signal import lfilter

    kept = chances.shape[1] - quantity
    rows = -(-kept // quantity)
    padded = np.zeros((len(nodes), rows * quantity))
    padded[:, :kept] = chances[:, :kept]
    for node, line in zip(nodes, padded, strict=True):
        blocks = line.reshape(rows, quantity)
        blocks[:] = lfilter([1.0], [1 - node, node], blocks, axis=0)
    return padded[:, :kept]
