"""A combinatorial auction decided to proof, beside HiGHS and CP-SAT: the median seconds of five runs each.

python -m bench cats FILE [--seconds 20] [--out FILE] [--runs 5]

FILE is of CATS 2.1; dummy goods are goods. `seconds` is wall time from the bids in memory to the answer, and so is the
rivals', each in a process of its own: model built, called as `call` says, at their own settings but for what stands
there; for each solver the better of one and two threads. Prices are counted in the last digit that the file prints.
--out takes the JSON list of accepted bids.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

CALLS = ("highs 1", "highs 2", "cp_sat 1", "cp_sat 2")


def run(argv: list[str]) -> dict[str, Any]:
    """Decide, ask the rivals, and return the figures."""
    parser = argparse.ArgumentParser(prog="bench cats", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-rivals", action="store_true")
    asked = parser.parse_args(argv)

    from procurement.engines.auction_packages import PackageBid, accept

    bids, places = read(asked.file)
    offers = [PackageBid(name, frozenset(goods), price) for name, price, goods in bids]
    accept(offers[:20])
    times = []
    for _ in range(asked.runs):
        begun = time.perf_counter()
        found = accept(offers, asked.seconds)
        times.append(time.perf_counter() - begun)
    if asked.out:
        asked.out.write_text(json.dumps([int(name) for name in found.bids]))
    seconds = statistics.median(times)
    rivals = {} if asked.no_rivals else {call: rival(call, asked.file, asked.seconds, asked.runs) for call in CALLS}
    theirs = [one["seconds"] for one in rivals.values() if one.get("proved")]
    return {
        "name": "cats",
        "size": len(bids),
        "objective": found.total / 10**places,
        "bound": found.bound / 10**places,
        "gap": round(found.bound / found.total - 1, 9) if found.total else None,
        "proved": found.proved,
        "seconds": round(seconds, 4),
        "runs": [round(one, 4) for one in times],
        "ratio": round(seconds / min(theirs), 3) if theirs else None,
        "nodes": found.nodes,
        "load": round(os.getloadavg()[0], 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "rivals": rivals,
    }


def read(path: Path) -> tuple[list[tuple[str, int, list[int]]], int]:
    """Return (bid, whole price, goods) of a CATS file, and how many decimals a price has."""
    rows = []
    for line in path.read_text().splitlines():
        words = line.split("%")[0].replace("#", " ").split()
        if words and words[0].isdigit():
            rows.append((words[0], Decimal(words[1]), [int(word) for word in words[2:]]))
    places = max(max(0, -int(price.as_tuple().exponent)) for _, price, _ in rows)
    return [(name, int(price.scaleb(places)), goods) for name, price, goods in rows], places


def rival(call: str, path: Path, seconds: float, runs: int) -> dict[str, Any]:
    """Run one rival `runs` times in its own process; its answer, or why there is none."""
    here = Path(__file__).resolve().parent
    command = [sys.executable, str(here / "cats_rivals.py"), *call.split(), str(path), str(seconds), str(runs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"objective": None, "gap": None, "seconds": None, "why": done.stderr.strip().splitlines()[-1:]}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
