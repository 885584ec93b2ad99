"""An award decided in the seconds given, beside HiGHS and CP-SAT on the same problem in the same run.

python -m bench award --problem FILE --seconds 10 [--out FILE] [--no-rivals] [--no-check]

`seconds` is wall time from the bytes to the decision as text: reading, model, search, bound and reasons; machine code
is compiled beforehand. Each rival runs alone, after us, in a process of its own, the same seconds on two threads, on
the tighter of the common models (tiers by region). `gap_exact` is against `bound_exact`, `gap` against the best bound
of all three. CP-SAT takes part where `ortools` is installed. `peak_mb` is ours.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

RIVALS = ("highs", "cp_sat")


def run(argv: list[str]) -> dict[str, Any]:
    """Decide, check, ask the rivals, and return the figures."""
    parser = argparse.ArgumentParser(prog="bench award", description=__doc__)
    parser.add_argument("--problem", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--no-rivals", action="store_true")
    parser.add_argument("--no-check", action="store_true")
    asked = parser.parse_args(argv)
    raw = asked.problem.read_bytes()

    from procurement.engines.award_check import check_award
    from procurement.engines.decide import decide

    _warm()
    cpu, begun = time.process_time(), time.perf_counter()
    text = json.dumps(decide("award", raw, asked.seconds))
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = json.loads(text)
    if asked.out:
        asked.out.write_text(text)
    if found.get("status") == "infeasible":
        return {"name": "award", "status": "infeasible", "seconds": round(seconds, 2)}
    rivals = {} if asked.no_rivals else {name: rival(name, asked.problem, asked.seconds) for name in RIVALS}
    problem, exact = json.loads(raw), float(_number(found["bound_exact"]))
    best = max([exact, found["bound_solver"], *(one["bound"] for one in rivals.values() if one.get("bound"))])
    wrong = [] if asked.no_check else check_award(raw, text)
    return {
        "name": "award",
        "size": f"{len(problem['lots'])}x{len(problem['suppliers'])}x{max(len(b['tiers']) for b in problem['bids'])}",
        "mode": problem["mode"],
        "seed": problem.get("seed"),
        "status": found["status"],
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "load": round(os.getloadavg()[0], 1),
        "objective": found["total"],
        "bound": best,
        "gap": round(found["total"] / best - 1, 6),
        "bound_exact": found["bound_exact"],
        "gap_exact": round(found["total"] / exact - 1, 6),
        "gap_solver": round(found["total"] / found["bound_solver"] - 1, 6),
        "peak_mb": round(peak, 1),
        "valid": None if asked.no_check else not wrong,
        "wrong": wrong[:3],
        "rivals": rivals,
    }


def _number(text: str) -> Any:
    from fractions import Fraction

    return Fraction(text)


def _warm() -> None:
    """Load the machine code by deciding a small market lot by lot."""
    from procurement.engines.award.warm import warm

    warm()


def rival(name: str, problem: Path, seconds: float) -> dict[str, Any]:
    """Run one rival in its own process; its answer, or why there is none."""
    here = Path(__file__).resolve().parent
    command = [sys.executable, str(here / "award_rivals.py"), name, str(problem), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"objective": None, "gap": None, "seconds": None, "why": done.stderr.strip().splitlines()[-1:]}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
