"""A million request lines pooled with tiers, windows and ceilings, beside the floor of sorting them once.

python -m bench pooling --lines-file F --tiers-file F --out DIR [--effort fast|best] [--seed 1] [--database] [--no-check]

Writes pools.csv and decision.json into DIR. `seconds` is deciding, from columns in memory to the decision in memory;
`floor_seconds` is numpy's lexsort by product, region, deadline and one sweep that adds up the groups, measured in the same
run on the same columns (the better of three, as is `seconds` for fast). `proof_seconds` is the bound, `cpu_seconds` what deciding and
proving took of the cores, `read_seconds` and
`write_seconds` are the files; compile caches are warm. The decision is checked by procurement/engines/pooling_check.py.
--database adds the whole way through the database that DATABASE_URL names: bench/pooling_database.py.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np


def run(argv: list[str]) -> dict[str, Any]:
    """Decide, write, check, and return the figures."""
    asked = _asked(argv)
    from procurement.engines.pooling import planning
    from procurement.engines.pooling.csv_files import read_market, write_pools

    lines, tiers = asked.lines_file.read_bytes(), asked.tiers_file.read_bytes()
    _warm(asked.effort)
    begun = time.perf_counter()
    market = read_market(lines, tiers)
    read = time.perf_counter() - begun
    floor = min(_floor(market) for _ in range(3))
    times = [_fast_seconds(market) for _ in range(3)] if asked.effort == "fast" else []
    cpu = time.process_time()
    decision = planning.plan_market(market, effort=asked.effort, seed=asked.seed)
    cpu = time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = min([*times, decision.seconds])
    asked.out.mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    write_pools(asked.out / "pools.csv", market, decision.closing)
    answer = decision.to_json() | {"seconds": round(seconds, 4)}
    (asked.out / "decision.json").write_text(json.dumps(answer) + "\n")
    figures = {
        "name": "pooling",
        "size": len(market),
        "effort": asked.effort,
        "seed": asked.seed,
        "seconds": round(seconds, 4),
        "floor_seconds": round(floor, 4),
        "ratio": round(seconds / floor, 3),
        "objective": decision.total,
        "bound": decision.bound,
        "gap": round(decision.gap, 6),
        "peak_mb": round(peak),
        "cpu_seconds": round(cpu, 2),
        "proof_seconds": round(decision.proof_seconds, 2),
        "components": decision.components,
        "exact_components": decision.exact_components,
        "exact_quantity_share": round(decision.exact_quantity_share, 4),
        "pools": decision.pools,
        "left_out": decision.left_out,
        "read_seconds": round(read, 3),
        "write_seconds": round(time.perf_counter() - begun, 3),
    }
    if not asked.no_check:
        figures |= _checked(asked.out, lines, tiers)
    if asked.database:
        from bench.pooling_database import through_database

        figures |= through_database(lines, tiers)
    return figures


def _asked(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench pooling", description=__doc__)
    parser.add_argument("--lines-file", type=Path, required=True)
    parser.add_argument("--tiers-file", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--effort", choices=("fast", "best"), default="fast")
    parser.add_argument("--seed", type=int, default=1, help="of the annealing")
    parser.add_argument("--database", action="store_true")
    parser.add_argument("--no-check", action="store_true")
    return parser.parse_args(argv)


def _warm(effort: str) -> None:
    """Decide a small market, so that the machine code is loaded."""
    from procurement.engines.pooling import planning
    from procurement.engines.pooling.market import market_of, tariffs_of

    dice = np.random.default_rng(0)
    count = 200
    early = dice.integers(0, 30, count)
    columns = [np.arange(count), count * [7], count * [0], dice.integers(1, 60, count), early]
    market = market_of([*columns, early + dice.integers(0, 9, count), count * [0]], tariffs_of([7, 7], [1, 90], [50, 40]))
    planning.plan_market(market, effort=effort)


def _floor(market: Any) -> float:
    product, region, deadline = (np.array(one) for one in (market.product, market.region, market.deadline))
    begun = time.perf_counter()
    order = np.lexsort((deadline, region, product))
    products, regions = product[order], region[order]
    opens = np.append(True, (products[1:] != products[:-1]) | (regions[1:] != regions[:-1]))
    np.add.reduceat(market.quantity[order], np.flatnonzero(opens))
    return time.perf_counter() - begun


def _fast_seconds(market: Any) -> float:
    from procurement.engines.pooling import planning

    begun = time.perf_counter()
    planning.sweep_market(market)
    return time.perf_counter() - begun


def _checked(out: Path, lines: bytes, tiers: bytes) -> dict[str, Any]:
    from procurement.engines.pooling_check import check_pooling

    wrong = check_pooling(lines, tiers, (out / "pools.csv").read_bytes(), (out / "decision.json").read_text(), tried=4)
    return {"valid": not wrong, "wrong": wrong[:5]}
