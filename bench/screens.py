"""How often the screens find simulated cartels, and how often they cry wolf.

python -m bench screens [--markets 400] [--seed 1]: so many markets with a cartel and so many without, of 5 to 8 firms
and 8 to 16 tenders each. Competition: cost drawn around a common one (spread 4 to 12 %), own markup, a year's trend.
A cartel of three firms up to all of them: the one whose turn it is bids 5 to 25 % above its cost, covers lie 2 to 6 %
above it, close together (0.3 to 1.5 %); firms outside it compete, and one member in ten covers forgets.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import dataclass
from typing import Any

from procurement.engines.screens import alike_groups

Tender = dict[str, float]


def run(argv: list[str]) -> dict[str, Any]:
    """Measure and return the shares: cartels found, false alarms, balanced accuracy, members named rightly."""
    parser = argparse.ArgumentParser(prog="bench screens", description=__doc__)
    parser.add_argument("--markets", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(argv)
    draw = random.Random(asked.seed)
    began = time.perf_counter()
    found = right = named = 0
    for _ in range(asked.markets):
        tenders, cartel = market(draw, rigged=True)
        groups = alike_groups(tenders)
        found += bool(groups)
        members = {bidder for group in groups for bidder in group.bidders}
        named += bool(groups) and members <= cartel
    alarms = sum(bool(alike_groups(market(draw, rigged=False)[0])) for _ in range(asked.markets))
    right = found / asked.markets, 1 - alarms / asked.markets
    return {
        "name": "screens",
        "seed": asked.seed,
        "markets": 2 * asked.markets,
        "cartels_found": round(right[0], 4),
        "false_alarms": round(1 - right[1], 4),
        "balanced_accuracy": round(sum(right) / 2, 4),
        "only_members_named": round(named / max(1, found), 4),
        "seconds": round(time.perf_counter() - began, 2),
    }


@dataclass(frozen=True)
class Habit:
    """How a cartel bids: its winner's overcharge, how far covers lie above it, how close together."""

    over: float
    gap: float
    close: float

    def bids(self, draw: random.Random, cartel: list[str], winner: str, common: float, honest: Tender) -> Tender:
        """Return what the cartel bids; one cover in ten is forgotten, and its firm bids as it would alone."""
        winning = common * self.over * draw.lognormvariate(0, 0.02)
        covers = {}
        for firm in cartel:
            forgets = draw.random() < 0.1
            cover = winning * (1 + self.gap + abs(draw.gauss(0, self.close)))
            covers[firm] = max(honest[firm], winning * 1.01) if forgets else cover
        return {**covers, winner: winning}


def market(draw: random.Random, *, rigged: bool) -> tuple[list[Tender], set[str]]:
    """Return the tenders of one market and who of its firms collude."""
    firms = [f"firm{n}" for n in range(draw.randint(5, 8))]
    cartel = set(draw.sample(firms, draw.randint(3, len(firms)))) if rigged else set()
    spread, markup = draw.uniform(0.04, 0.12), {firm: draw.uniform(1.02, 1.12) for firm in firms}
    habit = Habit(draw.uniform(1.05, 1.25), draw.uniform(0.02, 0.06), draw.uniform(0.003, 0.015))
    members = sorted(cartel)
    tenders = []
    for n in range(draw.randint(8, 16)):
        common = draw.lognormvariate(10, 1) * (1 + 0.004 * n)
        cost = {firm: common * draw.lognormvariate(0, spread) for firm in firms}
        bids = {firm: cost[firm] * markup[firm] for firm in firms}
        if rigged:
            bids |= habit.bids(draw, members, members[n % len(members)], common, bids)
        tenders.append(bids)
    return tenders, cartel
