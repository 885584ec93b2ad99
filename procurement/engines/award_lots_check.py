"""Checking a bound that rests on planning every lot by itself: each lot's cheapest plan is found again, exactly.

It shares no code with the engine: every set of suppliers that a lot allows is tried, and each set's units are sent by
cancelling negative cycles, in 64-bit integers that are known beforehand to suffice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, combinations, product
from typing import Any

import numba
import numpy as np

Json = Mapping[str, Any]
Fixed = Mapping[str, int]
Names = Callable[..., str]
FAR = 2**62


@dataclass(frozen=True)
class Offer:
    """What a supplier offers in one lot: tiers (least, most, scaled price a unit, scaled price on top), freight."""

    supplier: str
    tiers: list[tuple[int, int, int, int]]
    freight: list[int]
    package: str | None


@dataclass
class LotsBound:
    """A problem as the lots' relaxation sees it.

    bids        by lot: what can be bought of each (the parent's reading), tiers in reach
    denominator the scale of the multipliers
    """

    problem: Json
    limit: Mapping[str, int]
    offers: dict[str, list[Offer]]
    packages: dict[str, Json]
    denominator: int
    name: Names
    known: set[str] = field(default_factory=set)

    def leaf(self, multipliers: Mapping[str, int], fixed: Fixed) -> int | None:
        """Return the leaf's bound, rounded up as every total is whole; None when no award agrees with it.

        :raises ValueError: a row nobody knows, a multiplier of the wrong sign, numbers that pass 64 bits.
        """
        self.known = set()
        total = self._winners(multipliers, fixed)
        packages = self._packages(multipliers, fixed)
        lots = [self._lot(lot, multipliers, fixed) for lot in self.problem["lots"]]
        if unknown := set(multipliers) - self.known:
            raise ValueError(f"there is no row {min(unknown)}")
        if total is None or None in lots:
            return None
        return -(-(total + packages + sum(one for one in lots if one is not None)) // self.denominator)

    def _at_most(self, multipliers: Mapping[str, int], *parts: str) -> int:
        """The price of a <= row, turned to be >= 0."""
        row = self.name(*parts)
        self.known.add(row)
        value = multipliers.get(row, 0)
        if type(value) is not int or value > 0:
            raise ValueError(f"the multiplier {value!r} of {row} has the wrong sign")
        return -value

    def _share(self, multipliers: Mapping[str, int], package: str, lot: str) -> int:
        row = self.name("package-part", package, lot)
        self.known.add(row)
        value = multipliers.get(row, 0)
        if type(value) is not int:
            raise ValueError(f"the multiplier {value!r} of {row} is no whole number")
        return value

    def _winners(self, multipliers: Mapping[str, int], fixed: Fixed) -> int | None:
        """The cheapest choice of winners: their fixed cost, less what their room and their use in lots are worth."""
        rules, must, may = self.problem["rules"], [], []
        used_in = defaultdict(set)
        for lot, offers in self.offers.items():
            for one in offers:
                used_in[one.supplier].add(lot)
        for supplier, limit in self.limit.items():
            worth = limit * self._at_most(multipliers, "capacity", supplier)
            worth += sum(self._at_most(multipliers, "lot-winner", supplier, lot) for lot in used_in[supplier])
            cost = rules["fixed_cost_per_winner"] * self.denominator - worth
            state = fixed.get(self.name("z", supplier))
            if state == 1:
                must.append(cost)
            elif state is None:
                may.append(cost)
        may.sort()
        choices = range(len(must), min(rules["winners_max"], len(must) + len(may)) + 1)
        sums = [sum(must) + sum(may[: count - len(must)]) for count in choices if count >= rules["winners_min"]]
        return min(sums, default=None)

    def _packages(self, multipliers: Mapping[str, int], fixed: Fixed) -> int:
        total = 0
        for name, package in self.packages.items():
            cost = package["price"] * self.denominator
            cost -= sum(self._share(multipliers, name, lot) for lot in package["quantities"])
            state = fixed.get(self.name("g", name))
            total += cost if state == 1 else min(0, cost) if state is None else 0
        return total

    def _lot(self, lot: Json, multipliers: Mapping[str, int], fixed: Fixed) -> int | None:
        """The cheapest plan of one lot at these prices."""
        name, scale = lot["lot"], self.denominator
        by_supplier: dict[str, list[tuple[Offer, bool]]] = defaultdict(list)
        for offer in self.offers[name]:
            package = None if offer.package is None else fixed.get(self.name("g", offer.package))
            barred = fixed.get(self.name("z", offer.supplier)) == 0 or package == 0
            if not barred and fixed.get(self.name("w", offer.supplier, name)) != 0:
                by_supplier[offer.supplier].append((offer, package == 1))
            elif package == 1:
                return None
        musts = {one for one in self.limit if fixed.get(self.name("w", one, name)) == 1}
        musts |= {one for one, offers in by_supplier.items() if any(must for _, must in offers)}
        demand = np.array([lot["demand"][region] for region in self.problem["regions"]], np.int64)
        mu = {one: self._at_most(multipliers, "capacity", one) for one in by_supplier}
        use = {one: self._at_most(multipliers, "lot-winner", one, name) for one in by_supplier}
        reserve = lot["reserve"] * scale
        self._within(demand, reserve, by_supplier, mu, use, multipliers)
        best = None if musts else reserve * int(demand.sum())
        for bundle in self._bundles(by_supplier, musts):
            fee = sum(use[one] for one in {offer.supplier for offer in bundle})
            fee += sum(self._share(multipliers, one.package, name) for one in bundle if one.package is not None)
            stop = FAR if best is None else best - fee
            found = self._cheapest(bundle, mu, demand, reserve, stop)
            if found < FAR and (best is None or found + fee < best):
                best = found + fee
        return best

    def _within(self, demand: Any, reserve: int, offers: Any, mu: Any, use: Any, multipliers: Any) -> None:
        """Refuse numbers with which a sum could pass 64 bits."""
        dearest, extra = reserve, 0
        for supplier, listed in offers.items():
            for offer, _ in listed:
                price = max((one[2] for one in offer.tiers), default=0) * self.denominator
                dearest = max(dearest, price + max(offer.freight, default=0) * self.denominator + mu[supplier])
                extra += max((abs(one[3]) for one in offer.tiers), default=0) * self.denominator + use[supplier]
                if offer.package is not None:
                    extra += sum(abs(value) for value in multipliers.values())
        if 4 * dearest * (int(demand.sum()) + 1) + extra >= FAR:
            raise ValueError("the multipliers pass 64 bits")

    def _bundles(self, offers: Mapping[str, list[tuple[Offer, bool]]], musts: set[str]) -> Iterator[list[Offer]]:
        """Every set of offers of as many suppliers as may win the lot, with those that must be there."""
        if not musts <= set(offers):
            return
        others = sorted(set(offers) - musts)
        room = self.problem["rules"]["winners_per_lot"] - len(musts)
        for more in range(min(room, len(others)) + 1):
            for chosen in combinations(others, more):
                for choice in product(*(_subsets(offers[one]) for one in [*sorted(musts), *chosen])):
                    bundle = list(chain.from_iterable(choice))
                    if bundle:
                        yield bundle

    def _cheapest(self, bundle: list[Offer], mu: Mapping[str, int], demand: Any, reserve: int, stop: int) -> int:
        scale, deep = self.denominator, max(len(one.tiers) for one in bundle)
        terms = np.zeros((len(bundle), deep, 4), np.int64)
        for at, offer in enumerate(bundle):
            for place, (least, most, price, beyond) in enumerate(offer.tiers):
                terms[at, place] = least, most, price * scale + mu[offer.supplier], beyond * scale
        freight = np.array([one.freight for one in bundle], np.int64) * scale
        counts = np.array([len(one.tiers) for one in bundle], np.int64)
        return int(_best_tiers(terms, counts, freight, demand, reserve, stop))


def _subsets(offers: list[tuple[Offer, bool]]) -> list[list[Offer]]:
    """Every nonempty choice among a supplier's offers that holds those that must be there."""
    must = [one for one, forced in offers if forced]
    free = [one for one, forced in offers if not forced]
    found = [[*must, *more] for size in range(len(free) + 1) for more in combinations(free, size)]
    return [one for one in found if one]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _best_tiers(terms: Any, counts: Any, freight: Any, demand: Any, reserve: Any, stop: Any) -> Any:
    """Return the least cost over all choices of one tier for each offer, or FAR when none costs less than `stop`."""
    offers, regions = freight.shape
    cost = np.empty((offers + 1, regions), np.int64)
    least = np.zeros(offers + 1, np.int64)
    most = np.zeros(offers + 1, np.int64)
    tier = np.zeros(offers, np.int64)
    best = FAR
    wanted = demand.sum()
    while True:
        fixed, lows = 0, 0
        for one in range(offers):
            least[one], most[one] = terms[one, tier[one], 0], terms[one, tier[one], 1]
            fixed += terms[one, tier[one], 3]
            lows += least[one]
            for region in range(regions):
                cost[one, region] = terms[one, tier[one], 2] + freight[one, region]
        bound = fixed
        for region in range(regions):
            cost[offers, region] = reserve
            bound += demand[region] * cost[:, region].min()
        if lows <= wanted and bound < min(best, stop):
            most[offers] = wanted
            found = fixed + _send(cost, least, most, demand)
            if found < min(best, stop):
                best = found
        at = 0
        while at < offers and tier[at] == counts[at] - 1:
            tier[at] = 0
            at += 1
        if at == offers:
            return best
        tier[at] += 1


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _send(cost: Any, least: Any, most: Any, demand: Any) -> Any:
    """Return the least cost of sending demand from sources within their ranges; the last source is no one.

    A first flow fills every minimum; then units move along cycles of negative cost until there is none (Klein 1967).
    """
    sources, regions = cost.shape
    hub = sources
    sent = np.zeros((sources, regions), np.int64)
    sold = np.zeros(sources, np.int64)
    left = demand.copy()
    for one in range(sources):
        for region in range(regions):
            units = min(left[region], (least[one] - sold[one]) if one < sources - 1 else left[region])
            sent[one, region] += units
            sold[one] += units
            left[region] -= units
    step = np.empty((sources + 1, sources + 1), np.int64)
    by = np.zeros((sources + 1, sources + 1), np.int64)
    far = np.empty(sources + 1, np.int64)
    back = np.empty(sources + 1, np.int64)
    while True:
        step[:] = FAR
        for one in range(sources):
            if sold[one] > least[one]:
                step[hub, one] = 0  # one gives a unit up
            if sold[one] < most[one]:
                step[one, hub] = 0  # one takes a unit more
            for other in range(sources):
                for region in range(regions):
                    if (
                        one != other
                        and sent[one, region] > 0
                        and cost[other, region] - cost[one, region] < step[one, other]
                    ):
                        step[one, other] = cost[other, region] - cost[one, region]
                        by[one, other] = region
        far[:] = 0
        back[:] = -1
        last = -1
        for _ in range(sources + 1):
            last = -1
            for one in range(sources + 1):
                for other in range(sources + 1):
                    if step[one, other] < FAR and far[one] + step[one, other] < far[other]:
                        far[other] = far[one] + step[one, other]
                        back[other] = one
                        last = other
            if last < 0:
                break
        if last < 0:
            return (cost * sent).sum()
        for _ in range(sources + 1):
            last = back[last]
        units, at = FAR, last
        while True:
            one = back[at]
            if one == hub:
                units = min(units, sold[at] - least[at])
            elif at == hub:
                units = min(units, most[one] - sold[one])
            else:
                units = min(units, sent[one, by[one, at]])
            at = one
            if at == last:
                break
        while True:
            one = back[at]
            if one == hub:
                sold[at] -= units
            elif at == hub:
                sold[one] += units
            else:
                sent[one, by[one, at]] -= units
                sent[at, by[one, at]] += units
            at = one
            if at == last:
                break
