"""The nucleolus: the split whose worst coalition is as content as can be, then the next worst, and so on.

Found by a sequence of linear programs in doubles, proved in fractions: every level is met by multipliers that are
solved exactly, and the point is checked against every coalition. What cannot be proved is not offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from procurement.engines.sharing.exact import independent, null_space, solve
from procurement.engines.sharing.games import CostGame, Floats, Ints, places_of, sums_of

MOST_FOR_NUCLEOLUS = 14
LIVE = 1e-7  # a multiplier above this belongs to a coalition that is tight at every optimum
AT_ONCE = 60


@dataclass(frozen=True)
class Level:
    """One stage: these coalitions (bit masks) pay exactly `excess` beyond their cost, and none left pays more.

    `weights` prove it: positive, adding up to 1, and the weighed coalitions (with `alone`, members held to their own
    cost, if any) lie in the span of what was settled before, so no split within the earlier levels has a lower one.
    """

    excess: Fraction
    coalitions: tuple[int, ...]
    weights: tuple[Fraction, ...]
    alone: tuple[int, ...] = ()


@dataclass(frozen=True)
class Nucleolus:
    """The split in 1/parts of a minor unit, and its proof level by level."""

    shares: tuple[Fraction, ...]
    levels: tuple[Level, ...]
    method: str = "levels"


def nucleolus(game: CostGame) -> Nucleolus | None:
    """Return the nucleolus of a cost game, proved; None when the game is too large or the proof does not close.

    Over the splits in which nobody pays more than alone, where there are any (the nucleolus), else over all splits that
    add up (the prenucleolus). Games up to `MOST_FOR_NUCLEOLUS` members by levels. Larger ones only where each member
    can leave without changing what the others pay, all together: then the core is at most one point, x_i = c(N) -
    c(N without i), and when that point is in the core it is the nucleolus.

    cost    at most n - 1 stages of a few linear programs over 2^n coalitions

    Source: Schmeidler, The nucleolus of a characteristic function game, SIAM Journal on Applied Mathematics 17, 1969;
    Maschler, Peleg and Shapley 1979 for the stages; Kohlberg 1971 for what proves them.
    """
    if len(game.members) == 1:
        return Nucleolus((Fraction(game.whole),), ())
    if game.listed and len(game.members) <= MOST_FOR_NUCLEOLUS:
        return _by_levels(game.table())
    return _only_point(game)


def _only_point(game: CostGame) -> Nucleolus | None:
    from procurement.engines.sharing.tariff import TariffGame

    if not isinstance(game, TariffGame) or not game.searched:
        return None
    least = [game.whole - game.cost(game.units - quantity) for quantity in game.quantities]
    if sum(least) != game.whole:
        return None
    worst = game.worst(least)
    if worst is None or worst.excess > 0:
        return None
    return Nucleolus(tuple(Fraction(one) for one in least), (), "only_point_of_the_core")


@dataclass
class _Stages:
    """What is settled so far: independent rows (by coordinate) with the value each has, exactly."""

    table: Ints
    n: int
    bounded: bool
    rows: list[tuple[int, ...]]
    values: list[Fraction]

    def free(self) -> Ints:
        """Say of every coalition whether its sum can still change."""
        basis = null_space(self.rows, self.n)
        moves = np.zeros(len(self.table), dtype=bool)
        for direction in basis:
            moves |= sums_of(np.array(direction, dtype=np.int64)) != 0
        return moves

    def settle(self, row: tuple[int, ...], value: Fraction) -> None:
        if independent(self.rows, row):
            self.rows.append(row)
            self.values.append(value)


def _row(mask: int, n: int) -> tuple[int, ...]:
    return tuple(mask >> place & 1 for place in range(n))


def _by_levels(table: Ints) -> Nucleolus | None:
    n = len(table).bit_length() - 1
    alone = [int(table[1 << place]) for place in range(n)]
    whole = int(table[-1])
    stages = _Stages(table, n, sum(alone) >= whole, [(1,) * n], [Fraction(whole)])
    levels: list[Level] = []
    frees = []
    while len(stages.rows) < n:
        free = stages.free()
        level = _stage(stages, free, alone)
        if level is None:
            return None
        levels.append(level)
        frees.append(free)
        for mask in level.coalitions:
            stages.settle(_row(mask, n), Fraction(int(table[mask])) + level.excess)
        for place in level.alone:
            stages.settle(_row(1 << place, n), Fraction(alone[place]))
    shares = solve(stages.rows, stages.values)
    if shares is None or not _holds(table, shares, levels, frees, alone if stages.bounded else None):
        return None
    return Nucleolus(tuple(shares), tuple(levels))


def _stage(stages: _Stages, free: Ints, alone: Sequence[int]) -> Level | None:
    """Solve one stage by generated constraints and prove its level in fractions."""
    masks = [mask for mask in (1 << place for place in range(stages.n)) if free[mask]]
    masks += [len(free) - 1 - mask for mask in masks if free[len(free) - 1 - mask]]
    masks = list(dict.fromkeys(masks)) or [int(np.argmax(free))]
    held = [place for place in range(stages.n) if stages.bounded and free[1 << place]]
    scale = float(max(1, np.abs(stages.table).max()))
    while True:
        x, least, duals, settled = _program(stages, masks, held, scale)
        excess = np.where(free, sums_of(x) - stages.table / scale, -np.inf)
        excess[masks] = -np.inf
        order = np.argsort(-excess, kind="stable")[:AT_ONCE]
        broken = [int(mask) for mask in order if excess[mask] > least + 1e-10]
        if not broken:
            break
        masks += broken
    tight = [mask for mask, dual in zip(masks, duals, strict=False) if dual > LIVE]
    bound = [place for place, dual in zip(held, duals[len(masks) :], strict=True) if dual > LIVE]
    used = [place for place, dual in enumerate(settled) if abs(dual) > LIVE]
    return _prove(stages, tight, bound, used, alone)


def _program(
    stages: _Stages, masks: Sequence[int], held: Sequence[int], scale: float
) -> tuple[Floats, float, list[float], list[float]]:
    """Return the split, the least level, the multipliers of the coalitions and of those held to their own cost, and of
    what is settled: a vertex, so that those that are not zero have one solution."""
    from scipy.optimize import linprog

    n = stages.n
    upper = [[*_row(mask, n), -1.0] for mask in masks] + [[*_row(1 << place, n), 0.0] for place in held]
    limits = [stages.table[mask] / scale for mask in [*masks, *(1 << place for place in held)]]
    found = linprog(
        c=[0.0] * n + [1.0],
        A_ub=np.array(upper, dtype=np.float64),
        b_ub=np.array(limits),
        A_eq=np.array([[*row, 0.0] for row in stages.rows]),
        b_eq=np.array([float(value) / scale for value in stages.values]),
        bounds=(None, None),
        method="highs-ds",
        options={"presolve": False},  # presolving may answer with multipliers that are no vertex
    )
    if found.x is None:  # a start that leaves the level without floor
        return np.zeros(n), -np.inf, [0.0] * (len(masks) + len(held)), []
    duals = [-float(dual) for dual in found.ineqlin.marginals]
    return found.x[:-1], float(found.x[-1]), duals, list(found.eqlin.marginals)


def _prove(
    stages: _Stages, tight: Sequence[int], bound: Sequence[int], used: Sequence[int], alone: Sequence[int]
) -> Level | None:
    """Solve the multipliers exactly: sum w S + sum m i = sum v settled, sum w = 1; the level follows."""
    n, table = stages.n, stages.table
    rows, values = [stages.rows[place] for place in used], [stages.values[place] for place in used]
    columns = [(*_row(mask, n), 1) for mask in tight] + [(*_row(1 << place, n), 0) for place in bound]
    columns += [(*(-one for one in row), 0) for row in rows]
    equations = [tuple(column[k] for column in columns) for k in range(n + 1)]
    found = solve(equations, [Fraction(0)] * n + [Fraction(1)])
    if found is None:
        return None
    weights, rest = found[: len(tight)], found[len(tight) :]
    multipliers, settled = rest[: len(bound)], rest[len(bound) :]
    if not tight or min(weights) <= 0 or any(one <= 0 for one in multipliers):
        return None
    level = sum((v * value for v, value in zip(settled, values, strict=True)), Fraction(0))
    level -= sum((w * int(table[mask]) for w, mask in zip(weights, tight, strict=True)), Fraction(0))
    level -= sum((m * alone[place] for m, place in zip(multipliers, bound, strict=True)), Fraction(0))
    return Level(level, tuple(tight), tuple(weights), tuple(bound))


def _holds(
    table: Ints, shares: Sequence[Fraction], levels: Sequence[Level], frees: Sequence[Ints], alone: Sequence[int] | None
) -> bool:
    """Check in whole numbers that at every level no coalition that was free pays more than the level's excess."""
    if alone is not None and any(share > cost for share, cost in zip(shares, alone, strict=True)):
        return False
    parts = int(
        np.lcm.reduce([one.denominator for one in (*shares, *(level.excess for level in levels))], dtype=object)
    )
    pays = sums_of(np.array([int(share * parts) for share in shares], dtype=object))
    excess = pays - table.astype(object) * parts
    return all(max(excess[free]) == int(level.excess * parts) for level, free in zip(levels, frees, strict=True))


def coalition_names(level: Level, members: Sequence[str]) -> list[list[str]]:
    """Return the level's coalitions by name."""
    return [[members[place] for place in places_of(mask)] for mask in level.coalitions]
