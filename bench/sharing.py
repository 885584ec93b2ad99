"""The joint saving shared by every rule, and the seconds of the core check over all coalitions.

python -m bench sharing --problem FILE [--out FILE] [--mip-seconds 60]; FILE is a `game` (docs/algorithms/sharing.md).
In the same run: the bare knapsack in numpy (the floor: no check can do without its array operations) and, as the rival,
one mixed-integer program of HiGHS for every price step, both on the same (Shapley) shares.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

CHECKS = 5


def run(argv: list[str]) -> dict[str, Any]:
    """Share the game and return the figures; `seconds` is one core check, `ratio` that over the bare knapsack."""
    parser = argparse.ArgumentParser(prog="bench sharing", description=__doc__)
    parser.add_argument("--problem", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--mip-seconds", type=float, default=60.0, help="for all price steps together; 0: no rival")
    asked = parser.parse_args(argv)

    import hashlib

    from procurement.engines.sharing.problem import game_from_json
    from procurement.engines.sharing.share import share
    from procurement.engines.sharing.tariff import TariffGame

    raw = asked.problem.read_bytes()
    game, of = game_from_json(raw)
    assert isinstance(game, TariffGame), "the bench measures tariff games"
    decision, all_seconds = _timed(lambda: share(game, of=of, problem_sha256=hashlib.sha256(raw).hexdigest()))
    found = decision.to_json()
    if asked.out:
        asked.out.write_text(json.dumps(found, ensure_ascii=False))
    kept = {one.rule.value: one for one in decision.splits}
    on = next(kept[rule] for rule in ("shapley", "proportional") if rule in kept)
    shares = [share * game.parts for share in on.shares]
    worst, seconds = _best(lambda: game.worst(shares))
    floor, floor_seconds = _best(lambda: _bare(game.quantities, shares, game.costs))
    assert worst is None or worst.excess == floor
    return {
        "name": "sharing",
        "size": len(game.members),
        "units": game.units,
        "problem_sha256": found["problem_sha256"],
        "total": found["total"],
        "seconds": round(seconds, 4),
        "floor_seconds": round(floor_seconds, 4),
        "ratio": round(seconds / floor_seconds, 2),
        "checked_on": on.rule.value,
        "objective": None if worst is None else worst.excess,
        "rivals": _rivals(game, shares, asked.mip_seconds),
        "all_rules_seconds": round(all_seconds, 2),
        "sums_exact": all(sum(one.shares) == decision.total for one in decision.splits),
        "worst_excess": {name: None if one.worst is None else one.worst.excess for name, one in kept.items()},
        "core_empty": decision.core_empty,
        "splits": [
            {"rule": one["rule"], "shares": list(one["shares"].values()), "worst": one["worst"]}
            for one in found["splits"]
        ],
        "not_offered": found["not_offered"],
        "peak_mb": round(_peak_mb(), 1),
    }


def _timed(deed: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    found = deed()
    return found, time.perf_counter() - start


def _best(deed: Callable[[], Any]) -> tuple[Any, float]:
    """Return the answer and the shortest of some runs."""
    runs = [_timed(deed) for _ in range(CHECKS)]
    return runs[0][0], min(seconds for _, seconds in runs)


def _bare(quantities: Sequence[int], shares: Sequence[int], costs: Any) -> int:
    """Return the worst excess of any coalition but none and all, by whole arrays and without saying which."""
    import numpy as np

    most = np.full(len(costs), -(2**62), dtype=np.int64)
    most[0] = 0
    for quantity, share in zip(quantities, shares, strict=True):
        np.maximum(most[quantity:], most[:-quantity] + share, out=most[quantity:])
    return int((most[1:-1] - costs[1:-1]).max())


def _rivals(game: Any, shares: Sequence[int], most_seconds: float) -> dict[str, Any]:
    if not most_seconds:
        return {}
    starts = [max(1, step.start) for step in game.steps[1:]]
    spans = [(low, high - 1) for low, high in pairwise([1, *starts, game.units])]
    start = time.perf_counter()
    values, finished = [], True
    for (low, high), step in zip(spans, game.steps, strict=True):
        left = most_seconds - (time.perf_counter() - start)
        most = min(high, game.units - 1)
        value, proved = _mip(game.quantities, shares, step.price, low=low, high=most, seconds=max(left, 0.1))
        values += [] if value is None else [value]
        finished &= proved
    seconds = round(time.perf_counter() - start, 2)
    return {"highs_mip": {"objective": max(values, default=None), "seconds": seconds, "finished": finished}}


def _mip(
    quantities: Sequence[int], shares: Sequence[int], price: int, *, low: int, high: int, seconds: float
) -> tuple[int | None, bool]:
    """Return the worst excess among coalitions of `low` to `high` units at one price, and whether it was proved."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    if low > high:
        return None, True
    worth = np.array(shares, dtype=float) - price * np.array(quantities, dtype=float)
    found = milp(
        -worth,
        constraints=LinearConstraint(np.array([quantities], dtype=float), low, high),
        integrality=np.ones(len(shares)),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    return (None if found.x is None else round(-found.fun)), found.status in (0, 2)


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024
