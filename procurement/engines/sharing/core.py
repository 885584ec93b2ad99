"""The core and the point of it nearest to a given split; the least core where the core is empty.

Both work on one share a group of interchangeable members and generate their constraints: solve, look at all coalitions
at once for the most broken ones (`CostGame.dearest`), add them, until none is broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from procurement.engines.sharing.games import CostGame, Floats
from procurement.engines.sharing.whole import whole_shares

MOST_ROUNDS = 400
MARGINS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # minor units by which coalitions are tightened before rounding
SURE, HIGHS = 1e-8, 1e-6  # of the whole cost: by how much a point may break a cut, by either way of finding it
CLOSE = 1e-9  # of the whole cost: what counts as not broken while shares are doubles


@dataclass
class _Cuts:
    """Coalitions found so far: how many of each group, and their cost."""

    game: CostGame
    counts: list[tuple[int, ...]] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.group_of = {place: group for group, places in enumerate(self.game.groups) for place in places}
        for group, places in enumerate(self.game.groups):
            alone = tuple(int(g == group) for g in range(len(self.game.groups)))
            self.counts.append(alone)
            self.costs.append(self.game.alone(places[0]))
        self._known = dict.fromkeys(self.counts)

    def add(self, places: Sequence[int], cost: int) -> bool:
        """Add a coalition; say whether it is new."""
        counts = [0] * len(self.game.groups)
        for place in places:
            counts[self.group_of[place]] += 1
        if tuple(counts) in self._known:
            return False
        self._known[tuple(counts)] = None
        self.counts.append(tuple(counts))
        self.costs.append(cost)
        return True

    def add_broken(self, by_group: Floats, allowed: float) -> bool:
        """Add the coalitions that pay more than `allowed` beyond their cost; say whether any is new."""
        shares = self.spread(by_group)
        new = False
        for places, cost in self.game.dearest(shares):
            if shares[list(places)].sum() - cost > allowed:
                new = self.add(places, cost) or new
        return new

    def spread(self, by_group: Floats) -> Floats:
        """Return the share of every member from the shares of the groups."""
        return np.array([by_group[self.group_of[place]] for place in range(len(self.game.members))])

    @property
    def sizes(self) -> Floats:
        return np.array([len(places) for places in self.game.groups], dtype=np.float64)


def least_core(game: CostGame) -> float | None:
    """Return the least worst excess that any split has, in 1/parts; None when it is not found in `MOST_ROUNDS`.

    min e subject to x(S) - c(S) <= e for all S but none and all, x(N) = c(N): positive means that the core is empty.

    Source: Maschler, Peleg and Shapley, Geometric properties of the kernel, nucleolus, and related solution concepts,
    Mathematics of Operations Research 4, 1979.
    """
    cuts = _Cuts(game)
    if len(game.members) == 1:
        return 0.0
    for _ in range(MOST_ROUNDS):
        by_group, least = _least(cuts)
        if not cuts.add_broken(by_group, least + CLOSE * max(1, abs(game.whole))):
            return least
    return None


def _least(cuts: _Cuts) -> tuple[Floats, float]:
    from scipy.optimize import linprog

    scale = float(max(1, abs(cuts.game.whole)))
    rows = np.hstack([np.array(cuts.counts, dtype=np.float64), -np.ones((len(cuts.counts), 1))])
    found = linprog(
        c=[0.0] * len(cuts.sizes) + [1.0],
        A_ub=rows,
        b_ub=np.array(cuts.costs) / scale,
        A_eq=np.array([[*cuts.sizes, 0.0]]),
        b_eq=[cuts.game.whole / scale],
        bounds=(None, None),
        method="highs",
    )
    return found.x[:-1] * scale, float(found.x[-1]) * scale


@dataclass(frozen=True)
class Nearest:
    """Whole minor units in the core (or least core) nearest to a split, and how the point was found.

    level     what any coalition may pay beyond its cost, in 1/parts: 0, or the least core's where the core is empty
    distance  Euclid's, in minor units, before rounding
    rounds    how often the nearest point was computed
    cuts      coalitions that were looked at one by one
    """

    shares: tuple[int, ...]
    level: float
    distance: float
    rounds: int
    cuts: int


def nearest_in_core(game: CostGame, split: Sequence[Fraction], total: int) -> Nearest | None:
    """Return the point of the core nearest to `split`, in whole minor units that add up to `total`.

    min sum (x_i - split_i)^2 subject to x(S) <= c(S) for all S and x(N) = c(N). The point is unique, so equal members
    get equal shares before rounding. When the core is empty the least core stands in: x(S) <= c(S) + e. Rounding may
    break a tight coalition by some units; then all are tightened by a growing margin until the rounded shares hold, or
    the margin leaves no point and the least broken rounding is returned. None when it takes over `MOST_ROUNDS` rounds.

    Source: the projection is Lawson and Hanson's least distance programming, Solving Least Squares Problems, 1974,
    chapter 23, on generated rows.
    """
    level = _level(game)
    if level is None:
        return None
    cuts = _Cuts(game)
    target = np.array([float(split[places[0]]) for places in game.groups])
    best: tuple[int, Nearest] | None = None
    rounds = 0
    for margin in MARGINS:
        point, took = _nearest(cuts, target, level - margin * game.parts)
        rounds += took
        if point is None:
            break
        spread = cuts.spread(point)
        shares = whole_shares([Fraction(float(one)) / game.parts for one in spread], total)
        worst = game.worst([share * game.parts for share in shares])
        excess = 0 if worst is None else worst.excess
        if best is None or excess < best[0]:
            distance = float(np.linalg.norm(spread - cuts.spread(target))) / game.parts
            best = excess, Nearest(shares, level, distance, rounds, len(cuts.counts))
        if excess <= level:
            break
    return None if best is None else best[1]


def _level(game: CostGame) -> float | None:
    """Return what a coalition may pay beyond its cost: 0 where there is a core, else the least core's level.

    The equal price of a falling tariff is in the core, so nothing has to be solved there.
    """
    if getattr(game, "falling", False):
        return 0.0
    least = least_core(game)
    close = CLOSE * max(1, abs(game.whole))
    if least is None or least <= close:
        return None if least is None else 0.0
    return least + close


def _nearest(cuts: _Cuts, target: Floats, level: float) -> tuple[Floats | None, int]:
    """Return the nearest point that no coalition breaks by more than `level`, and after how many rounds."""
    close = CLOSE * max(1, abs(cuts.game.whole))
    for took in range(1, MOST_ROUNDS + 1):
        point = _project(cuts, target, level)
        if point is None:
            return None, took
        if not cuts.add_broken(point, level + close):
            return point, took
    return None, MOST_ROUNDS


def _project(cuts: _Cuts, target: Floats, level: float) -> Floats | None:
    """Return the nearest point to `target` under the cuts known so far; None when they leave no point.

    Least distance programming is quick and, where the cuts leave hardly more than one point, loses digits: an answer
    that breaks a cut, or finds no point, is asked for again as a quadratic program.
    """
    point = _least_distance(cuts, target, level)
    if point is None or _breaks(cuts, point, level, SURE):
        point = _quadratic(cuts, target, level)
    return point


def _breaks(cuts: _Cuts, point: Floats, level: float, within: float) -> bool:
    """Tell whether a point breaks a cut that is known, or does not add up to the whole, beyond a part of the whole."""
    allowed = within * max(1, abs(cuts.game.whole))
    over = np.array(cuts.counts, dtype=np.float64) @ point - np.array(cuts.costs) - level
    return bool(over.max() > allowed or abs(cuts.sizes @ point - cuts.game.whole) > allowed)


def _quadratic(cuts: _Cuts, target: Floats, level: float) -> Floats | None:
    """Return the nearest point by HiGHS: min sum size (x - target)^2, cuts as rows; None when there is none."""
    import highspy

    sizes, scale = cuts.sizes, float(max(1, abs(cuts.game.whole)))
    count, endless = len(sizes), highspy.kHighsInf
    every = np.arange(count, dtype=np.int32)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    for size, aim in zip(sizes, target / scale, strict=True):
        solver.addVar(-endless, endless)
        solver.changeColCost(solver.getNumCol() - 1, float(-2.0 * size * aim))
    for counts, cost in zip(cuts.counts, cuts.costs, strict=True):
        solver.addRow(-endless, (cost + level) / scale, count, every, np.array(counts, dtype=np.float64))
    solver.addRow(cuts.game.whole / scale, cuts.game.whole / scale, count, every, sizes)
    solver.passHessian(count, count, int(highspy.HessianFormat.kTriangular), every, every, 2.0 * sizes)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    point = np.array(solver.getSolution().col_value) * scale
    return None if _breaks(cuts, point, level, HIGHS) else point


def _least_distance(cuts: _Cuts, target: Floats, level: float) -> Floats | None:
    """Return the nearest point by non-negative least squares; None when it finds none.

    In z = sqrt(size) (x - target), on the plane where the shares add up: min |z| subject to G z <= h.
    """
    from scipy.optimize import nnls

    game, sizes = cuts.game, cuts.sizes
    scale = float(max(1, abs(game.whole)))
    start = target + (game.whole - float(sizes @ target)) / sizes.sum()
    root = np.sqrt(sizes)
    counts = np.array(cuts.counts, dtype=np.float64)
    rows = counts / root
    along = root / np.linalg.norm(root)
    rows -= np.outer(rows @ along, along)
    room = (np.array(cuts.costs) + level - counts @ start) / scale
    stacked = np.vstack([-rows.T, -room[None, :]])
    aim = np.zeros(len(sizes) + 1)
    aim[-1] = 1.0
    weights, missed = nnls(stacked, aim, maxiter=30 * len(cuts.counts) + 300)
    if missed < 1e-9:
        return None
    residual = stacked @ weights - aim
    return np.asarray(start - residual[:-1] / residual[-1] * scale / root)
