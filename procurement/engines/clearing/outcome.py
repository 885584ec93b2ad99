"""What a clearing answers: the price, who is in and out and why, every tier tried, and the next step."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from procurement.engines.clearing.curves import Tier
from procurement.engines.reasons import Reason


@dataclass(frozen=True)
class Tried:
    """How a tier fared.

    demand    what is wanted landed at its price
    sold      how much of it could be sold: whole packs, within the capacity
    missing   how much more demand it needs; 0 when it is reached, None when the capacity never lets it be
    """

    tier: Tier
    demand: Decimal
    sold: Decimal
    missing: Decimal | None

    @property
    def reached(self) -> bool:
        return self.missing == 0


@dataclass(frozen=True)
class NextStep:
    """`missing` more wanted at this tier's price, and everybody's goods cost `less` (a fraction) less.

    `less` is None where no tier is reached yet: then there is no price to compare with.
    """

    tier: Tier
    missing: Decimal
    less: Fraction | None

    @property
    def percent(self) -> Decimal | None:
        """How many per cent less, rounded half up to one place."""
        if self.less is None:
            return None
        exact = self.less * 100
        return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Place:
    """Where a member stands.

    wanted   what it wants landed at the price
    got      what it gets: all of it, or its share where packs or the capacity cut the order
    out      the rest of its largest want
    landed   what a unit costs it, goods, freight and fee, before VAT; None when no tier is reached
    why      `in_full`, `in_part` (its cheaper levels are out), `price_above_levels`, `no_tier_reached`,
             `wants_nothing`, or the reason of the allocation rule
    """

    member: str
    wanted: Decimal
    got: Decimal
    out: Decimal
    landed: Decimal | None
    why: Reason


@dataclass(frozen=True)
class Outcome:
    """What one supplier's curve comes to.

    gain   what members save against what they would have paid at most, in money (see docs/algorithms/clearing.md)
    """

    supplier: str
    tier: Tier | None
    demand: Decimal
    sold: Decimal
    places: tuple[Place, ...]
    tried: tuple[Tried, ...]
    next_step: NextStep | None
    gain: Decimal


@dataclass(frozen=True)
class Clearing:
    """Every supplier's outcome, the chosen first; when nobody's tier is reached, who lacks least first."""

    outcomes: tuple[Outcome, ...]
    why: Reason

    @property
    def chosen(self) -> Outcome | None:
        best = self.outcomes[0]
        return best if best.tier is not None else None
