"""HiGHS or CP-SAT on a combinatorial auction: python cats_rivals.py highs|cp_sat THREADS FILE SECONDS RUNS."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

Bids = list[tuple[str, int, list[int]]]


def highs(bids: Bids, places: int, threads: int, seconds: float) -> tuple[float, float, bool]:
    """Set packing by items; a gap of nothing asked for, else HiGHS's own settings."""
    import highspy
    import numpy as np

    items: dict[int, list[int]] = {}
    for at, (_, _, goods) in enumerate(bids):
        for item in goods:
            items.setdefault(item, []).append(at)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_, program.sense_ = len(bids), len(items), highspy.ObjSense.kMaximize
    program.col_cost_ = np.array([price / 10**places for _, price, _ in bids])
    program.col_lower_, program.col_upper_ = np.zeros(len(bids)), np.ones(len(bids))
    program.row_lower_, program.row_upper_ = np.full(len(items), -highspy.kHighsInf), np.ones(len(items))
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.cumsum([0, *(len(one) for one in items.values())]).astype(np.int32)
    program.a_matrix_.index_ = np.array([at for one in items.values() for at in one], np.int32)
    program.a_matrix_.value_ = np.ones(len(program.a_matrix_.index_))
    program.integrality_ = [highspy.HighsVarType.kInteger] * len(bids)
    solver = highspy.Highs()
    for option, value in {"output_flag": False, "threads": threads, "time_limit": seconds, "mip_rel_gap": 0.0}.items():
        solver.setOptionValue(option, value)
    solver.passModel(program)
    solver.run()
    info = solver.getInfo()
    proved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return info.objective_function_value, info.mip_dual_bound, proved


def cp_sat(bids: Bids, places: int, threads: int, seconds: float) -> tuple[float, float, bool]:
    """At most one by items; CP-SAT's own settings."""
    from ortools.sat.python import cp_model

    program = cp_model.CpModel()
    columns = [program.new_bool_var("") for _ in bids]
    items: dict[int, list[Any]] = {}
    for column, (_, _, goods) in zip(columns, bids, strict=True):
        for item in goods:
            items.setdefault(item, []).append(column)
    for one in items.values():
        program.add_at_most_one(one)
    program.maximize(sum(price * column for column, (_, price, _) in zip(columns, bids, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = threads
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(program)
    unit = 10**places
    return solver.objective_value / unit, solver.best_objective_bound / unit, status == cp_model.OPTIMAL


def main(solver: str, threads: int, path: Path, seconds: float, runs: int) -> dict[str, Any]:
    """Return the figures of the median run."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from bench.cats import read

    bids, places = read(path)
    ask = {"highs": highs, "cp_sat": cp_sat}[solver]
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        objective, bound, proved = ask(bids, places, threads, seconds)
        times.append(time.perf_counter() - begun)
    return {
        "objective": round(objective, places),
        "gap": round(abs(bound / objective - 1), 9) if objective else None,
        "seconds": round(statistics.median(times), 4),
        "runs": [round(one, 4) for one in times],
        "proved": proved,
        "call": ask.__doc__,
        "threads": threads,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))))
