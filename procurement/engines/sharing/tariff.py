"""Tariff games: a group pays its quantity at the price step that quantity reaches (all units at one price)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from marketplace.kernel.refusals import BadValue
from procurement.engines.sharing.games import (
    MOST_LISTED,
    Coalition,
    Floats,
    Ints,
    names_ok,
    sums_of,
    worst_listed,
    worth_ok,
)
from procurement.engines.sharing.parts import NothingToShare

MOST_CELLS = 2**30  # members x units of the search over all coalitions: seconds, and an eighth of a byte each
MOST_GENERATED = 2**25  # where the search is repeated for every round of generated constraints


@dataclass(frozen=True)
class PriceStep:
    """From `start` units of the whole order on, every unit costs `price`; below the first step its price holds too."""

    start: int
    price: int


@dataclass(frozen=True)
class TariffGame:
    """c(S) = q(S) x the price of the step that q(S) reaches.

    members     n >= 1 names
    quantities  n whole numbers of units, each >= 1
    steps       by rising start; prices may rise (then the core may be empty), in 1/parts of a minor unit, >= 0
    parts       into how many parts a minor unit is cut
    joint       what all together pay where that is known and not the tariff's (an award, a bill), in 1/parts, >= 0

    :raises NothingToShare: nobody, or a quantity that is not positive.
    :raises BadValue: no steps, starts that repeat or fall, a negative start or price, sums beyond 2^60.
    """

    members: tuple[str, ...]
    quantities: tuple[int, ...]
    steps: tuple[PriceStep, ...]
    parts: int = 1
    joint: int | None = None

    def __post_init__(self) -> None:
        names_ok(self.members)
        if len(self.quantities) != len(self.members):
            raise NothingToShare(members=len(self.members), quantities=len(self.quantities))
        for place, quantity in enumerate(self.quantities):
            if quantity < 1:
                raise NothingToShare(place=f"members[{place}].quantity", quantity=quantity)
        if self.joint is not None and self.joint < 0:
            raise BadValue(place="joint", value=self.joint, reason="negative")
        worth_ok(self.joint or 0, "joint")
        self._steps_ok()

    def _steps_ok(self) -> None:
        if not self.steps:
            raise BadValue(place="tiers", value=0, reason="no price at all")
        for place, step in enumerate(self.steps):
            if step.start < 0:
                raise BadValue(place=f"tiers[{place}].from", value=step.start, reason="negative")
            if step.price < 0:
                raise BadValue(place=f"tiers[{place}].price", value=step.price, reason="negative")
            worth_ok(step.price * self.units, f"tiers[{place}].price")
        for place, (low, high) in enumerate(pairwise(self.steps), start=1):
            if high.start <= low.start:
                reason = f"not above the tier before it, {low.start}"
                raise BadValue(place=f"tiers[{place}].from", value=high.start, reason=reason)

    @classmethod
    def of(
        cls,
        members: Sequence[str],
        quantities: Sequence[Decimal],
        steps: Sequence[tuple[Decimal, Fraction]],
        joint: int | None = None,
    ) -> TariffGame:
        """Return the game of decimal quantities, of prices in minor units a unit and a joint cost in minor units.

        :raises NothingToShare: nobody, or a quantity that is not positive and finite.
        :raises BadValue: as the class.
        """
        names_ok(members)
        for place, quantity in enumerate(quantities):
            if not quantity.is_finite() or quantity <= 0:
                raise NothingToShare(place=f"members[{place}].quantity", quantity=quantity)
        exact = [Fraction(quantity) for quantity in quantities]
        scale = math.lcm(*(one.denominator for one in exact))
        unit = Fraction(math.gcd(*(int(one * scale) for one in exact)), scale)
        prices = [price * unit for _, price in steps]
        parts = math.lcm(*(price.denominator for price in prices))
        kept: dict[int, PriceStep] = {}
        for (start, _), price in zip(steps, prices, strict=True):
            reached = math.ceil(Fraction(start) / unit)
            kept[reached] = PriceStep(reached, int(price * parts))  # of two starts within one unit the later holds
        whole = tuple(int(one / unit) for one in exact)
        return cls(tuple(members), whole, tuple(kept.values()), parts, None if joint is None else joint * parts)

    @cached_property
    def units(self) -> int:
        return sum(self.quantities)

    @property
    def falling(self) -> bool:
        """Whether no step is dearer than the one before it, nor what all pay than the tariff says; then the equal
        price lies in the core."""
        falls = all(high.price <= low.price for low, high in pairwise(self.steps))
        return falls and self.whole <= self.cost(self.units)

    def cost(self, units: int) -> int:
        """What `units` cost alone, in 1/parts of a minor unit."""
        reached = [step for step in self.steps if step.start <= units] or [self.steps[0]]
        return units * reached[-1].price

    @cached_property
    def costs(self) -> Ints:
        """What 0, 1, ... all units cost."""
        costs = self._priced(np.arange(self.units + 1, dtype=np.int64))
        costs[-1] = self.whole
        return costs

    def _priced(self, counts: Ints) -> Ints:
        starts = np.array([step.start for step in self.steps], dtype=np.int64)
        prices = np.array([step.price for step in self.steps], dtype=np.int64)
        return counts * prices[np.maximum(np.searchsorted(starts, counts, side="right") - 1, 0)]

    @property
    def whole(self) -> int:
        return self.cost(self.units) if self.joint is None else self.joint

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The places of members with equal quantities."""
        found: dict[int, list[int]] = {}
        for place, quantity in enumerate(self.quantities):
            found.setdefault(quantity, []).append(place)
        return tuple(tuple(places) for places in found.values())

    @property
    def listed(self) -> bool:
        return len(self.members) <= MOST_LISTED

    @property
    def cells(self) -> int:
        """Members x units: the size of the search over all coalitions."""
        return len(self.members) * self.units

    @property
    def searched(self) -> bool:
        return self.listed or self.cells <= MOST_CELLS

    @property
    def generated(self) -> bool:
        return self.cells <= MOST_GENERATED

    def alone(self, place: int) -> int:
        return self.cost(self.quantities[place])

    def table(self) -> Ints:
        table = self._priced(sums_of(np.array(self.quantities, dtype=np.int64)))
        table[-1] = self.whole
        return table

    def worst(self, shares: Sequence[int]) -> Coalition | None:
        """Return the worst of all coalitions but none and all, None for a lone member.

        Exact over all 2^n: by quantity the dearest coalition that adds up to it (a knapsack over whole units), then the
        quantity whose dearest coalition pays most beyond its cost. O(n x units); listed where that is less.

        :raises NothingToShare: more members x units than `MOST_CELLS`.
        """
        if self.listed and self.cells > 1 << len(self.members):
            return worst_listed(self.table(), shares)
        if len(self.members) == 1:
            return None
        found = self._knapsack(np.array(shares, dtype=np.int64))
        units = int(np.argmax(found.most[1:-1] - self.costs[1:-1])) + 1
        return Coalition(found.places(units), int(found.most[units]), int(self.costs[units]))

    def dearest(self, shares: Floats) -> list[tuple[tuple[int, ...], int]]:
        """Return the dearest coalition within each price step, at inexact shares."""
        found = self._knapsack(np.asarray(shares, dtype=np.float64))
        excess = found.most - self.costs
        ends = [max(1, step.start) for step in self.steps[1:]] + [self.units]
        best, low = [], 1
        for high in ends:
            low, high = min(low, self.units), min(high, self.units)
            if low < high:
                units = int(np.argmax(excess[low:high])) + low
                best.append((found.places(units), int(self.costs[units])))
            low = max(low, high)
        return best

    def _knapsack(self, shares: Any) -> _Knapsack:
        if not self.searched:
            raise NothingToShare(members=len(self.members), units=self.units, cells=self.cells, most=MOST_CELLS)
        return _Knapsack(self.quantities, shares)


class _Knapsack:
    """By number of units, what the dearest coalition of just that many units pays, and who is in it."""

    def __init__(self, quantities: Sequence[int], shares: Any) -> None:
        whole = np.issubdtype(shares.dtype, np.integer)
        nothing = -(2**62) if whole else -np.inf
        self.quantities = quantities
        self.most = np.full(sum(quantities) + 1, nothing, dtype=shares.dtype)
        self.most[0] = 0
        self._taken = []
        reached = 0
        for quantity, share in zip(quantities, shares, strict=True):
            reached += quantity
            here, other = self.most[quantity : reached + 1], self.most[: reached + 1 - quantity] + share
            better = other > here
            np.copyto(here, other, where=better)
            self._taken.append(np.packbits(better))

    def places(self, units: int) -> tuple[int, ...]:
        """Return who is in the dearest coalition of `units`, which is known to exist."""
        found = []
        for place in range(len(self.quantities) - 1, -1, -1):
            bit = units - self.quantities[place]
            if 0 <= bit < 8 * len(self._taken[place]) and self._taken[place][bit >> 3] >> (7 - (bit & 7)) & 1:
                found.append(place)
                units = bit
        return tuple(reversed(found))
