"""Cost games: what every group of members would pay on its own.

A game counts in `parts` of the smallest coin (1/parts of a minor unit), so that fractions of a cent stay whole numbers
and every excess is an integer. Coalitions are bit masks or tuples of the members' places.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from marketplace.kernel.refusals import BadValue
from procurement.engines.sharing.parts import NothingToShare

MOST_LISTED = 16  # members of a game whose coalitions are all listed
MOST_WORTH = 2**60  # all sums of a game stay in 64-bit integers
Ints = Any  # numpy array of int64
Floats = Any  # numpy array of float64


@dataclass(frozen=True)
class Coalition:
    """Some members by place, what they pay together and what they would pay alone, in 1/parts of a minor unit."""

    places: tuple[int, ...]
    pays: int
    alone: int

    @property
    def excess(self) -> int:
        return self.pays - self.alone


class CostGame(Protocol):
    """What an engine needs to know of a game; `worst` and `dearest` look at all coalitions but none and all."""

    @property
    def members(self) -> tuple[str, ...]: ...
    @property
    def parts(self) -> int: ...
    @property
    def whole(self) -> int:
        """What all pay together, in 1/parts of a minor unit."""

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The places of members that may change places with each other."""

    @property
    def listed(self) -> bool:
        """Whether all coalitions can be listed (`table`)."""

    @property
    def searched(self) -> bool:
        """Whether all coalitions can be looked at (`worst`)."""

    @property
    def generated(self) -> bool:
        """Whether that can be done some hundred times (`dearest`)."""

    def alone(self, place: int) -> int: ...
    def table(self) -> Ints:
        """Every coalition's cost by bit mask, 2^n of them, the empty one 0."""

    def worst(self, shares: Sequence[int]) -> Coalition | None:
        """The coalition that pays most beyond its own cost (the fewest units or the lowest mask on ties)."""

    def dearest(self, shares: Floats) -> list[tuple[tuple[int, ...], int]]:
        """Some coalitions that pay most beyond their cost at inexact shares: (places, cost)."""


@dataclass(frozen=True)
class ListedGame:
    """A game given by its table of costs.

    members   n >= 1 names
    costs     2^n integers by bit mask (bit i is member i), costs[0] = 0, in 1/parts of a minor unit

    :raises NothingToShare: nobody. :raises BadValue: too many members, a table of another length, a sum too large.
    """

    members: tuple[str, ...]
    costs: tuple[int, ...]
    parts: int = 1

    def __post_init__(self) -> None:
        names_ok(self.members)
        if len(self.members) > MOST_LISTED:
            raise BadValue(place="members", value=len(self.members), reason=f"a table holds at most {MOST_LISTED}")
        if len(self.costs) != 1 << len(self.members) or self.costs[0]:
            raise BadValue(place="costs", value=len(self.costs), reason="not one cost for every coalition, 0 for none")
        for mask, cost in enumerate(self.costs):
            worth_ok(cost, f"costs[{mask}]")

    @property
    def whole(self) -> int:
        return self.costs[-1]

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        return tuple((place,) for place in range(len(self.members)))

    @property
    def listed(self) -> bool:
        return True

    @property
    def searched(self) -> bool:
        return True

    @property
    def generated(self) -> bool:
        return True

    def alone(self, place: int) -> int:
        return self.costs[1 << place]

    @cached_property
    def _table(self) -> Ints:
        return np.array(self.costs, dtype=np.int64)

    def table(self) -> Ints:
        return self._table

    def worst(self, shares: Sequence[int]) -> Coalition | None:
        return worst_listed(self._table, shares)

    def dearest(self, shares: Floats) -> list[tuple[tuple[int, ...], int]]:
        excess = sums_of(np.asarray(shares, dtype=np.float64))[1:-1] - self._table[1:-1]
        most = np.argsort(-excess, kind="stable")[:20] + 1
        return [(places_of(int(mask)), int(self._table[mask])) for mask in most]


def names_ok(members: Sequence[str]) -> None:
    """Refuse a game of nobody, or of the same name twice."""
    if not members:
        raise NothingToShare(members=0)
    seen: set[str] = set()
    for place, name in enumerate(members):
        if name in seen:
            raise BadValue(place=f"members[{place}]", value=name, reason="the name stands twice")
        seen.add(name)


def worth_ok(worth: int, place: str) -> None:
    """Refuse a sum that 64-bit integers may not hold any more."""
    if abs(worth) >= MOST_WORTH:
        raise BadValue(place=place, value=worth, reason="too large")


def common_parts(*numbers: Fraction) -> int:
    """Return the least number of parts of a unit in which all `numbers` are whole."""
    return math.lcm(*(number.denominator for number in numbers))


def sums_of(shares: Any) -> Any:
    """Return what every coalition pays by bit mask: 2^n sums of `shares` (int64 or float64)."""
    sums = np.zeros(1, dtype=shares.dtype)
    for share in shares:
        sums = np.concatenate([sums, sums + share])
    return sums


def places_of(mask: int) -> tuple[int, ...]:
    """Return the places of the bits that are set."""
    return tuple(place for place in range(mask.bit_length()) if mask >> place & 1)


def worst_listed(table: Ints, shares: Sequence[int]) -> Coalition | None:
    """Return the worst of all coalitions but none and all, None for a lone member; O(2^n)."""
    if len(table) <= 2:
        return None
    pays = sums_of(np.array(shares, dtype=np.int64))
    mask = int(np.argmax(pays[1:-1] - table[1:-1])) + 1
    return Coalition(places_of(mask), int(pays[mask]), int(table[mask]))
