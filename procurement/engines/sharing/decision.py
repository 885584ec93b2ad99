"""A sharing decision: the split of every rule offered, each with its worst coalition, and why others are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from procurement.engines.reasons import Reason
from procurement.engines.sharing.games import Coalition, CostGame
from procurement.engines.sharing.nucleolus import Level, coalition_names


class SharingRule(StrEnum):
    """How a joint cost may be shared."""

    PROPORTIONAL = "proportional"
    SHAPLEY = "shapley"
    NUCLEOLUS = "nucleolus"
    CORE_SHAPLEY = "core_shapley"


@dataclass(frozen=True)
class Split:
    """One rule's shares in whole minor units, in the order of the members, adding up to the total.

    worst   the coalition that pays most beyond its own cost, of all but none and all; None for a lone member, or where
            `why` says by which argument none pays more
    exact   the shares before rounding, in minor units, where they are known exactly
    """

    rule: SharingRule
    shares: tuple[int, ...]
    worst: Coalition | None
    why: tuple[Reason, ...]
    exact: tuple[Fraction, ...] | None = None
    levels: tuple[Level, ...] = ()

    @property
    def in_core(self) -> bool:
        """Whether no coalition pays more than it would alone, on the whole shares as published."""
        return self.worst is None or self.worst.excess <= 0

    def only_rounding(self, parts: int) -> bool:
        """Say whether the worst coalition pays more only by the units that rounding may have moved to it."""
        if self.worst is None or self.worst.excess <= 0:
            return False
        inside = len(self.worst.places)
        return self.worst.excess < parts * min(inside, len(self.shares) - inside)


@dataclass(frozen=True)
class NotOffered:
    """A rule that this game is not shared by, and why."""

    rule: SharingRule
    why: Reason


@dataclass(frozen=True)
class SharingDecision:
    """What everybody pays by each rule; `total` minor units in all. In a game of gains costs are negative gains."""

    game: CostGame
    total: int
    splits: tuple[Split, ...]
    not_offered: tuple[NotOffered, ...]
    core_empty: bool | None
    why: tuple[Reason, ...] = ()
    of: str = "cost"
    problem_sha256: str = ""

    def split(self, rule: SharingRule) -> Split | None:
        """Return the split by `rule`, None when it is not offered."""
        return next((one for one in self.splits if one.rule == rule), None)

    @property
    def _sign(self) -> int:
        return -1 if self.of == "gain" else 1

    def saved(self, split: Split) -> list[Fraction]:
        """Return by how many minor units each member is better off than alone."""
        costs = (Fraction(self.game.alone(place), self.game.parts) for place in range(len(split.shares)))
        return [cost - share for cost, share in zip(costs, split.shares, strict=True)]

    def to_json(self) -> dict[str, Any]:
        alone = [Fraction(self._sign * self.game.alone(place), self.game.parts) for place in range(len(self._names))]
        return {
            "kind": "sharing",
            "of": self.of,
            "problem_sha256": self.problem_sha256,
            "total": self._sign * self.total,
            "alone": dict(zip(self._names, map(plain, alone), strict=True)),
            "core_empty": self.core_empty,
            "splits": [self._split(one) for one in self.splits],
            "not_offered": [{"rule": one.rule.value, **one.why.to_json()} for one in self.not_offered],
            "why": [one.to_json() for one in self.why],
        }

    @property
    def _names(self) -> Sequence[str]:
        return self.game.members

    def _split(self, split: Split) -> dict[str, Any]:
        found: dict[str, Any] = {
            "rule": split.rule.value,
            "shares": dict(zip(self._names, (self._sign * share for share in split.shares), strict=True)),
            "better_off": dict(zip(self._names, map(plain, self.saved(split)), strict=True)),
            "in_core": split.in_core,
            "only_rounding": split.only_rounding(self.game.parts),
            "worst": self._worst(split.worst),
            "why": [one.to_json() for one in split.why],
        }
        if split.exact is not None:
            found["exact"] = {name: str(self._sign * one) for name, one in zip(self._names, split.exact, strict=True)}
        if split.levels:
            found["levels"] = [self._level(level) for level in split.levels]
        return found

    def _worst(self, worst: Coalition | None) -> dict[str, Any] | None:
        if worst is None:
            return None
        parts = self.game.parts
        return {
            "members": [self._names[place] for place in worst.places],
            "together": plain(Fraction(self._sign * worst.pays, parts)),
            "alone": plain(Fraction(self._sign * worst.alone, parts)),
            "excess": plain(Fraction(worst.excess, parts)),
        }

    def _level(self, level: Level) -> dict[str, Any]:
        return {
            "excess": str(level.excess / self.game.parts),
            "coalitions": coalition_names(level, self._names),
            "weights": [str(one) for one in level.weights],
            "alone": [self._names[place] for place in level.alone],
        }


def plain(number: Fraction) -> int | str:
    """Return a whole number as one, any other as text `a/b`."""
    return int(number) if number.denominator == 1 else str(number)
