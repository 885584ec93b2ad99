"""Linear models in integers: built by name, solved by HiGHS, bounded in exact arithmetic.

Every coefficient is a Python integer and every column lies in [0, upper], so that whatever a floating-point solver
answers can be checked, and its multipliers turned into a bound, without rounding anywhere (`exact_bound`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

SCALE = 2**30  # multipliers are stored as integers over this denominator
SEED = 20120630
LARGEST_COST_BITS = 30
ROUNDS_TO_NOTHING = 0.5  # totals are whole, so a gap below one closes the search
Fixed = Mapping[int, int]  # column -> the only value it may take


class Row(NamedTuple):
    """sum(terms) <sense> rhs, where sense is one of `<=`, `>=`, `=`."""

    name: str
    sense: str
    rhs: int
    terms: dict[int, int]


def name_of(*parts: object) -> str:
    """Join parts to a name by colons; a colon inside a part is written %3A."""
    return ":".join(str(part).replace("%", "%25").replace(":", "%3A") for part in parts)


@dataclass
class LinearModel:
    """min cost x over rows, 0 <= x <= upper; some columns whole."""

    columns: list[str] = field(default_factory=list)
    cost: list[int] = field(default_factory=list)
    upper: list[int] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def column(self, name: str, *, cost: int, upper: int, whole: bool = False) -> int:
        """Add a column and return its place."""
        self.columns.append(name)
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.columns) - 1

    def row(self, name: str, sense: str, rhs: int, terms: Iterable[tuple[int, int]]) -> None:
        """Add a row; terms of the same column are summed."""
        merged: dict[int, int] = {}
        for place, factor in terms:
            merged[place] = merged.get(place, 0) + factor
        self.rows.append(Row(name, sense, rhs, merged))

    def objective(self, values: Sequence[int]) -> int:
        return sum(cost * value for cost, value in zip(self.cost, values, strict=True))

    def broken(self, values: Sequence[int]) -> str | None:
        """Return the name of the first column or row that `values` breaks, in integers, or None."""
        for name, upper, value in zip(self.columns, self.upper, values, strict=True):
            if not 0 <= value <= upper:
                return name
        return next((row.name for row in self.rows if not _holds(row, values)), None)


def _holds(row: Row, values: Sequence[int]) -> bool:
    left = sum(factor * values[place] for place, factor in row.terms.items())
    if row.sense == "=":
        return left == row.rhs
    return left <= row.rhs if row.sense == "<=" else left >= row.rhs


@dataclass(frozen=True)
class Relaxed:
    """A solved linear relaxation: its value (None when infeasible or out of time), the point and the multipliers.

    When it is infeasible the multipliers are a ray: any multiple of them raises the bound, without end.
    """

    value: float | None
    infeasible: bool
    values: list[float]
    multipliers: dict[str, int]  # row name -> integer over SCALE; zeros left out


@dataclass(frozen=True)
class Solved:
    """What a branch and bound found: a point or None, the best bound it claims, whether it says it finished."""

    values: list[float] | None
    bound: float
    finished: bool
    infeasible: bool


class Stopwatch:
    """Seconds of effort that are left; it bounds work and never enters a decision's content."""

    def __init__(self, seconds: float) -> None:
        self._end = time.perf_counter() + seconds

    @property
    def left(self) -> float:
        return self._end - time.perf_counter()


def relax(
    model: LinearModel, seconds: float, fixed: Fixed | None = None, cost: Sequence[float] | None = None
) -> Relaxed:
    """Solve the linear relaxation within `seconds`, with some columns fixed, or at another cost than the model's."""
    import highspy

    watch = Stopwatch(seconds)
    scale = _scale(cost or model.cost)
    highs = _load(model, fixed or {}, cost or model.cost, scale, whole=False)
    highs.setOptionValue("time_limit", max(0.01, watch.left))
    highs.run()
    status = highs.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return Relaxed(None, True, [], _ray(model, highs))
    if status != highspy.HighsModelStatus.kOptimal:
        return Relaxed(None, False, [], {})
    solution = highs.getSolution()
    duals = _signed(model, [float(dual) / scale for dual in solution.row_dual])
    return Relaxed(highs.getInfo().objective_function_value / scale, False, list(solution.col_value), duals)


def solve_whole(
    model: LinearModel,
    seconds: float,
    *,
    fixed: Fixed | None = None,
    start: Sequence[int] | None = None,
    cost: Sequence[float] | None = None,
) -> Solved:
    """Solve with the whole columns whole, by branch and bound on one thread with a fixed seed, within `seconds`."""
    import highspy

    watch = Stopwatch(seconds)
    scale = _scale(cost or model.cost)
    highs = _load(model, fixed or {}, cost or model.cost, scale, whole=True)
    highs.setOptionValue("mip_abs_gap", ROUNDS_TO_NOTHING * scale)
    highs.setOptionValue("time_limit", max(0.01, watch.left))
    if start is not None:
        point = highspy.HighsSolution()
        point.col_value = [float(value) for value in start]
        highs.setSolution(point)
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return Solved(
        values=list(highs.getSolution().col_value) if found else None,
        bound=float(info.mip_dual_bound) / scale,
        finished=status == highspy.HighsModelStatus.kOptimal,
        infeasible=status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible),
    )


def complete(
    model: LinearModel, values: Sequence[float], seconds: float, cost: Sequence[float] | None = None
) -> list[int] | None:
    """Return the best integer point that agrees with the whole columns of `values`, or None.

    For models that are networks once their whole columns are fixed: a basic solution of what is left is integral, so
    it is rounded and then checked in integers.
    """
    fixed = {place: round(values[place]) for place, whole in enumerate(model.whole) if whole}
    rounded = [round(value) for value in relax(model, seconds, fixed, cost).values]
    return rounded if rounded and model.broken(rounded) is None else None


def exact_bound(model: LinearModel, multipliers: Mapping[str, int], fixed: Fixed | None = None) -> Fraction:
    """Return the bound that weak duality gives for these multipliers, in exact arithmetic.

    b'y + sum_j min over the column's range of (c_j - A_j'y) x_j, with y >= 0 on `>=` rows, y <= 0 on `<=` rows.

    :raises ValueError: a multiplier has the wrong sign.

    Source: Neumaier and Shcherbina, Safe bounds in linear and mixed-integer linear programming, 2004, section 2.
    """
    fixed = fixed or {}
    reduced = reduced_costs(model, multipliers)
    value = sum(multipliers.get(row.name, 0) * row.rhs for row in model.rows)
    for place, rest in enumerate(reduced):
        value += rest * fixed[place] if place in fixed else min(0, rest) * model.upper[place]
    return Fraction(value, SCALE)


def reduced_costs(model: LinearModel, multipliers: Mapping[str, int]) -> list[int]:
    """Return c - A'y by column, as integers over SCALE.

    :raises ValueError: a multiplier has the wrong sign.
    """
    reduced = [cost * SCALE for cost in model.cost]
    for row in model.rows:
        factor = multipliers.get(row.name, 0)
        if (row.sense == ">=" and factor < 0) or (row.sense == "<=" and factor > 0):
            raise ValueError(f"the multiplier of {row.name} has the wrong sign")
        if factor:
            for place, entry in row.terms.items():
                reduced[place] -= factor * entry
    return reduced


def _ray(model: LinearModel, highs: Any) -> dict[str, int]:
    """Return multipliers that show the rows cannot hold together, or none when the solver has no ray."""
    highs.setOptionValue("presolve", "off")
    highs.clearSolver()
    highs.run()
    _, found, ray = highs.getDualRay()
    if not found:
        return {}
    largest = max(abs(float(value)) for value in ray) or 1.0
    return _signed(model, [float(value) / largest for value in ray])


def _signed(model: LinearModel, duals: Sequence[float]) -> dict[str, int]:
    """Round multipliers to integers over SCALE, dropping those of the wrong sign."""
    kept: dict[str, int] = {}
    for row, dual in zip(model.rows, duals, strict=True):
        units = round(dual * SCALE) if math.isfinite(dual) else 0
        if (row.sense == ">=" and units < 0) or (row.sense == "<=" and units > 0) or not units:
            continue
        kept[row.name] = units
    return kept


def _scale(cost: Sequence[float]) -> float:
    """A power of two that brings the largest cost to where a solver's tolerances are meant for."""
    largest = max((abs(one) for one in cost), default=0)
    return 2.0 ** -max(0, math.frexp(largest)[1] - LARGEST_COST_BITS)


def _load(model: LinearModel, fixed: Fixed, cost: Sequence[float], scale: float, *, whole: bool) -> Any:
    """Return a quiet, single-threaded, seeded solver that holds the model."""
    import highspy
    import numpy as np

    lower = np.zeros(len(model.columns))
    upper = np.array(model.upper, dtype=np.float64)
    for place, value in fixed.items():
        lower[place] = upper[place] = value
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = len(model.columns), len(model.rows)
    problem.col_cost_ = np.array(cost, dtype=np.float64) * scale
    problem.col_lower_, problem.col_upper_ = lower, upper
    rhs = np.array([row.rhs for row in model.rows], dtype=np.float64)
    sense = np.array([row.sense for row in model.rows])
    problem.row_lower_ = np.where(sense == "<=", -highspy.kHighsInf, rhs)
    problem.row_upper_ = np.where(sense == ">=", highspy.kHighsInf, rhs)
    matrix = problem.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.cumsum([0] + [len(row.terms) for row in model.rows]).astype(np.int32)
    matrix.index_ = np.array([place for row in model.rows for place in row.terms], dtype=np.int32)
    matrix.value_ = np.array([entry for row in model.rows for entry in row.terms.values()], dtype=np.float64)
    if whole:
        kinds = highspy.HighsVarType
        problem.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in model.whole]
    highs = highspy.Highs()
    for option, value in _OPTIONS.items():
        highs.setOptionValue(option, value)
    if highs.passModel(problem) == highspy.HighsStatus.kError:
        raise ValueError("HiGHS cannot read the model")
    return highs


_OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "random_seed": SEED,
    "mip_rel_gap": 0.0,
    "mip_feasibility_tolerance": 1e-8,
}
