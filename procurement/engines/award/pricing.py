"""The lots' bound: rules that tie lots together get prices, and then every lot is planned by itself, exactly.

With capacity at `mu` a unit, a winner's use in a lot at `charge` and a package's part at `share`, no award that agrees
with what is settled costs less than

    sum of the cheapest plans of the lots + cheapest choice of winners + packages worth their shares

whatever the prices are (Lagrangian duality), as long as mu and charge are not negative. Prices are integers over
`scale`, so the bound is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from procurement.engines.award.lots import Lots
from procurement.engines.award.plans import BARRED, FORCED, FREE, plan_lots
from procurement.engines.award.sending import NEVER, Integers

MOST_BITS = 61
PLACES = 12  # sources in one plan


@dataclass(frozen=True)
class Prices:
    """Integers over the scale: mu by supplier, charge by lot and supplier, share by lot and package."""

    mu: Integers
    charge: Integers
    share: Integers


Key = tuple[str, int, int]  # ("z", supplier, -1), ("w", lot, supplier) or ("g", package, -1)
Settled = Mapping[Key, int]  # each at 0 or 1


@dataclass
class Plans:
    """One plan for each lot: sources and tiers by place, units by place and region, how many places, what they cost."""

    source: Integers
    tier: Integers
    sent: Integers
    size: Integers
    value: Integers


class Pricer:
    """Plans all lots at given prices, each time from the plans of the time before."""

    def __init__(self, lots: Lots) -> None:
        self.lots = lots
        count, regions = lots.table.demand.shape
        self.plans = Plans(
            np.zeros((count, PLACES), np.int64),
            np.zeros((count, PLACES), np.int64),
            np.zeros((count, PLACES + 1, regions), np.int64),
            np.zeros(count, np.int64),
            np.zeros(count, np.int64),
        )
        self.scale = scale_of(lots)

    def rounded(self, mu: np.ndarray, charge: np.ndarray, share: np.ndarray) -> Prices:
        """Return prices in floating point as integers over the scale, within what 64 bits bear."""
        most = 2 * int(self.lots.table.reserve.max(initial=1))
        worth = 2 * int((self.lots.table.demand.sum(axis=1) * self.lots.table.reserve).max(initial=1))
        return Prices(
            np.rint(np.clip(mu, 0, most) * self.scale).astype(np.int64),
            np.rint(np.clip(charge, 0, worth) * self.scale).astype(np.int64),
            np.rint(np.clip(share, -worth, worth) * self.scale).astype(np.int64),
        )

    def bound(self, prices: Prices, settled: Settled) -> Fraction | None:
        """Return the bound at these prices, in money; None when some lot has no plan at all.

        The plans that it rests on stand in `plans`.
        """
        lots, plans, table = self.lots, self.plans, self.lots.table
        plan_lots(
            table, 0, len(table.sources), self.scale, prices.mu, prices.charge, prices.share, lots.limit,
            allowed(lots, settled), lots.problem.rules.winners_per_lot,
            plans.source, plans.tier, plans.sent, plans.size, plans.value,
        )  # fmt: skip
        if (plans.value == NEVER).any():
            return None
        winners = self.winners(prices, settled)
        if winners is None:
            return None
        return Fraction(int(plans.value.sum()) + winners + self.packages(prices, settled), self.scale)

    def winners(self, prices: Prices, settled: Settled) -> int | None:
        """Return the cheapest number of winners in the published range, at what their use and room bring in."""
        rules = self.lots.problem.rules
        brings = prices.mu * self.lots.limit + prices.charge.sum(axis=0)
        costs = [rules.fixed_cost_per_winner * self.scale - int(one) for one in brings]
        one = [cost for at, cost in enumerate(costs) if settled.get(("z", at, -1)) == 1]
        free = sorted(cost for at, cost in enumerate(costs) if ("z", at, -1) not in settled)
        if len(one) > rules.winners_max or len(one) + len(free) < rules.winners_min:
            return None
        least, most = rules.winners_min - len(one), rules.winners_max - len(one)
        return sum(one) + sum(cost for at, cost in enumerate(free[:most]) if at < least or cost < 0)

    def packages(self, prices: Prices, settled: Settled) -> int:
        """Return what taking the packages that pay costs."""
        shares, total = prices.share.sum(axis=0), 0
        for at, package in enumerate(self.lots.packages):
            cost = package.price * self.scale - int(shares[at])
            total += cost if settled.get(("g", at, -1)) == 1 else 0 if ("g", at, -1) in settled else min(0, cost)
        return total


def scale_of(lots: Lots) -> int:
    """Return the finest power of two, up to 2^16, that leaves every sum of scaled money within 64 bits."""
    table = lots.table
    dearest = int(
        (
            (table.price.max(initial=0) + table.landed.max(initial=0) + 4 * table.reserve.max(initial=0))
            * table.demand.sum(axis=1)
        ).sum()
    )
    dearest += int(abs(table.beyond).max(initial=0)) * table.sources.max(initial=0)
    dearest += sum(one.price for one in lots.packages) + 1
    return 1 << max(0, min(16, MOST_BITS - 3 - int(dearest).bit_length()))


def allowed(lots: Lots, settled: Settled) -> Integers:
    """Return what may become of each source of each lot."""
    table = lots.table
    may = np.full(table.supplier.shape, FREE, np.int64)
    for (kind, first, second), value in settled.items():
        if kind == "z" and value == 0:
            may[table.supplier == first] = BARRED
        elif kind == "w":
            here = table.supplier[first] == second
            may[first, here] = np.maximum(may[first, here], FORCED) if value else BARRED
        elif kind == "g":
            may[table.package == first] = FORCED if value else BARRED
    return may
