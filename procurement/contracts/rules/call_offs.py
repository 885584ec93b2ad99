"""At which step of a framework a pool is served, and whom that price drives out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class PriceStep:
    """From `from_quantity` of one call-off on, every unit of it costs `unit_price`."""

    from_quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True)
class Bound:
    """A member of the pool: what it is bound to, and the most it pays for a landed unit (None: any price)."""

    ref: str
    quantity: Decimal
    ceiling: Decimal | None


@dataclass(frozen=True)
class Cleared:
    """What a pool calls off and at which price, who drops out and why; nothing is called without a price."""

    quantity: Decimal
    unit_price: Decimal | None
    landed: Fraction | None
    dropped: Mapping[str, str]
    rounds: int


def price_at(steps: Sequence[PriceStep], quantity: Decimal) -> Decimal | None:
    """Return the price of the highest step that `quantity` reaches, None below the first."""
    reached = [step for step in steps if step.from_quantity <= quantity]
    return max(reached, key=lambda step: step.from_quantity).unit_price if reached else None


def clear_call_off(
    members: Sequence[Bound], steps: Sequence[PriceStep], freight: Decimal, fee_percent: Decimal
) -> Cleared:
    """Price all that is bound, drop whose ceiling lies below the landed price, price the rest again, until none drops.

    members  what the pool's members are bound to
    steps    the framework's, in any order; all units of a call-off cost the step that the call-off reaches
    freight  a unit, >= 0
    returns  the last round; landed = goods x (1 + fee %) + freight, before VAT
    cost     O(n^2) at most: a round drops one member at least

    The rule of docs/algorithms/award.md, "After opening", for one supplier with one curve.
    """
    left, dropped, rounds = list(members), dict[str, str](), 0
    while True:
        rounds += 1
        quantity = sum((member.quantity for member in left), Decimal(0))
        price = price_at(steps, quantity)
        if price is None:
            return Cleared(quantity, None, None, dropped, rounds)
        landed = Fraction(price) * (1 + Fraction(fee_percent) / 100) + Fraction(freight)
        out = [member for member in left if member.ceiling is not None and landed > Fraction(member.ceiling)]
        if not out:
            return Cleared(quantity, price, landed, dropped, rounds)
        for member in out:
            dropped[member.ref] = f"framework price {price.normalize():f}, ceiling {member.ceiling:f}"
        left = [member for member in left if member.ref not in dropped]
