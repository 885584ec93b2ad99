"""Capacitated warehouse location to proof, beside HiGHS on the same model in the same run.

python -m bench cflp FILE [--seconds 30] [--out FILE]

FILE is of OR-Library: warehouses and customers; capacity and fixed cost of each; for each customer its demand and the
cost of sending all of it from each warehouse. Money is counted in 1/100,000, the last digit of the files. Our search
for the warehouses is HiGHS's on the model of engines/facility.py; own are the exact bound and the enumeration.
`rivals` shows HiGHS on the same model and on the model without the ties of shares to warehouses. --out takes
{"open": [...], "flow": [[warehouse, customer, share], ...]}, both from 0.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

UNIT = 100_000


def run(argv: list[str]) -> dict[str, Any]:
    """Decide, ask HiGHS, and return the figures."""
    parser = argparse.ArgumentParser(prog="bench cflp", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(argv)

    from procurement.engines import facility

    warehouses, customers = read(asked.file)
    begun = time.perf_counter()
    found = facility.locate(warehouses, customers, asked.seconds)
    seconds = time.perf_counter() - begun
    if asked.out:
        flow = [[at, to, float(share)] for at, to, share in found.flow]
        asked.out.write_text(json.dumps({"open": list(found.open), "flow": flow}))
    return {
        "name": "cflp",
        "size": f"{len(warehouses)}x{len(customers)}",
        "objective": float(found.total / UNIT),
        "bound": found.bound / UNIT,
        "gap": round(float(found.total / found.bound) - 1, 12),
        "proved": found.proved,
        "leaves": found.leaves,
        "seconds": round(seconds, 3),
        "load": round(os.getloadavg()[0], 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "rivals": {
            "highs": highs(warehouses, customers, asked.seconds, tied=True),
            "highs_without_ties": highs(warehouses, customers, asked.seconds, tied=False),
        },
    }


def read(path: Path) -> tuple[list[Any], list[Any]]:
    """Return warehouses and customers of an OR-Library file; money in 1/100,000."""
    from procurement.engines.facility import Customer, Warehouse

    words = iter(path.read_text().split())
    count, wanted = int(next(words)), int(next(words))
    warehouses = [Warehouse(int(Decimal(next(words))), _money(next(words))) for _ in range(count)]
    customers = [
        Customer(int(Decimal(next(words))), tuple(_money(next(words)) for _ in range(count))) for _ in range(wanted)
    ]
    return warehouses, customers


def _money(word: str) -> int:
    return int(Decimal(word) * UNIT)


def highs(warehouses: list[Any], customers: list[Any], seconds: float, *, tied: bool) -> dict[str, Any]:
    """HiGHS at its own settings on two threads; a gap of nothing asked for."""
    import highspy
    import numpy as np

    highspy.Highs.resetGlobalScheduler(True)  # ours ran on one thread
    begun = time.perf_counter()
    count, wanted = len(warehouses), len(customers)
    share = {(at, to): count + to * count + at for to in range(wanted) for at in range(count)}
    rows = [(1.0, 1.0, [(share[at, to], 1.0) for at in range(count)]) for to in range(wanted)]
    for at, one in enumerate(warehouses):
        load = [(share[at, to], float(customer.demand)) for to, customer in enumerate(customers)]
        rows.append((-highspy.kHighsInf, 0.0, [*load, (at, -float(one.capacity))]))
    if tied:
        rows += [(-highspy.kHighsInf, 0.0, [(column, 1.0), (at, -1.0)]) for (at, _), column in share.items()]
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = count + len(share), len(rows)
    costs = [one.fixed_cost for one in warehouses] + [cost for one in customers for cost in one.costs]
    program.col_cost_ = np.array(costs) / UNIT
    program.col_lower_, program.col_upper_ = np.zeros(len(costs)), np.ones(len(costs))
    program.row_lower_ = np.array([low for low, _, _ in rows])
    program.row_upper_ = np.array([high for _, high, _ in rows])
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.cumsum([0, *(len(terms) for _, _, terms in rows)]).astype(np.int32)
    program.a_matrix_.index_ = np.array([column for _, _, terms in rows for column, _ in terms], np.int32)
    program.a_matrix_.value_ = np.array([entry for _, _, terms in rows for _, entry in terms])
    kinds = highspy.HighsVarType
    program.integrality_ = [kinds.kInteger] * count + [kinds.kContinuous] * len(share)
    solver = highspy.Highs()
    for option, value in {"output_flag": False, "threads": 2, "mip_rel_gap": 0.0, "time_limit": seconds}.items():
        solver.setOptionValue(option, value)
    solver.passModel(program)
    solver.run()
    info = solver.getInfo()
    return {
        "objective": round(info.objective_function_value, 5),
        "gap": round(info.mip_gap, 9),
        "seconds": round(time.perf_counter() - begun, 3),
    }
