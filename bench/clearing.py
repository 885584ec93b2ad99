"""Clearing: a million demand lines against one price curve, beside a sort of the same column in the same run."""

from __future__ import annotations

import argparse
import resource
import time
from typing import Any

import numpy as np

from procurement.engines.clearing import PriceColumns, clear_columns

ROUNDS = 5


def run(argv: list[str]) -> dict[str, Any]:
    """Clear --lines lines against --tiers tiers: best of five, in turns with numpy's stable sort of the limits."""
    parser = argparse.ArgumentParser(prog="bench clearing", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--tiers", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    chance = np.random.default_rng(given.seed)
    quantity = chance.integers(1, 500, given.lines)
    limit = chance.integers(5_000_000, 15_000_000, given.lines)
    starts = np.sort(chance.choice(int(quantity.sum()), given.tiers, replace=False)) + 1
    curve = PriceColumns(starts, np.sort(chance.integers(5_000_000, 15_000_000, given.tiers))[::-1].copy())
    clearing, sorting = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = clear_columns(quantity, limit, curve)
        clearing.append(time.perf_counter() - began)
        began = time.perf_counter()
        np.sort(limit, kind="stable")
        sorting.append(time.perf_counter() - began)
    return {
        "name": "clearing",
        "size": f"{given.lines} lines, {given.tiers} tiers",
        "seed": given.seed,
        "seconds": round(min(clearing), 4),
        "floor_seconds": round(min(sorting), 4),
        "ratio": round(min(clearing) / min(sorting), 2),
        "objective": found.sold,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
