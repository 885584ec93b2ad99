"""Machine code made ready: compiled once on a machine, loaded once in a process, by deciding a small market."""

from __future__ import annotations

import time
from pathlib import Path

from procurement.engines.award.by_lots import decide_by_lots
from procurement.engines.award.lots import tabulate
from procurement.engines.award.lots_explain import Losers
from procurement.engines.award.problem import AwardProblem, Bid, Lot, Package, Rules, Supplier, Tier
from procurement.engines.linear import Stopwatch

ROUNDS, QUICK = 5, 1.5  # rounds at most; seconds of one in which nothing was compiled


def is_cold() -> bool:
    """Return whether the machine code was never compiled on this machine, as far as its cache beside it tells."""
    return not any((Path(__file__).parent / "__pycache__").glob("*.nbi"))


def warm() -> None:
    """Decide a market of two lots by every piece of machine code there is; slow the first time on a machine.

    A round in which something was compiled leaves no time for what comes after it: there are rounds until one is quick.
    """
    for _ in range(ROUNDS):
        began = time.perf_counter()
        _round()
        if time.perf_counter() - began < QUICK:
            return


def _round() -> None:
    lots = tabulate(_market())
    found = decide_by_lots(lots, Stopwatch(0.2))
    if found.state is not None and found.tree.root is not None:
        losers = Losers(lots, found.mix, found.state, prices=found.tree.root, pricer=found.tree.columns.pricer, total=0)
        losers.all(Stopwatch(60.0))


def _market() -> AwardProblem:
    names = ("A", "B", "C")
    return AwardProblem(
        mode="all_units",
        regions=("R",),
        lots=(Lot("L", {"R": 20}, 90), Lot("M", {"R": 10}, 90)),
        suppliers=tuple(Supplier(name, 15, 15) for name in names),
        bids=tuple(
            Bid(f"{name}{lot}", name, lot, (Tier(1, 5, 50 + at), Tier(6, 15, 40 + at)), {"R": at}, 1)
            for at, name in enumerate(names)
            for lot in ("L", "M")
        ),
        packages=(Package("P", "C", {"L": 5, "M": 5}, 300, {"L": {"R": 1}, "M": {"R": 1}}, {"L": 0, "M": 0}),),
        rules=Rules(1, 2, 2, 10),
    )
