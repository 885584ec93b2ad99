"""What is fixed before an auction begins, and what may happen in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop

ROUNDS = 3  # as Prozorro's auctions have
MOST_ROUNDS = 10
LEAST_TURN, MOST_TURN = 10, 3600  # seconds
MOST_PLACES = 6
MOST_BIDDERS = 200
MOST_DIGITS = 18

BEGAN, BID, STAYED, TIMED_OUT = "began", "bid", "stayed", "timed_out"
KINDS = (BEGAN, BID, STAYED, TIMED_OUT)


@dataclass(frozen=True)
class Bidder:
    """Who takes part, by a name that tells nothing.

    opening      its price when the auction begins, >= 0
    place        when its sealed bid came among the others': of equals the earlier is better
    coefficient  what its merit divides its price by (MEAT), > 0; 1 without any
    addition     what is added to the weighed price (freight, life-cycle cost), money a unit
    """

    name: str
    opening: Decimal
    place: int
    coefficient: Fraction = Fraction(1)
    addition: Fraction = Fraction(0)

    def weighed(self, price: Decimal) -> Fraction:
        """Return what a price counts as: price / coefficient + addition, exactly; the lower the better."""
        return Fraction(price) / self.coefficient + self.addition


@dataclass(frozen=True)
class Terms:
    """The published terms of one auction.

    step          how far at least a new price lies below the bidder's own standing price, > 0, exact
    places        how many decimals a new price may have; openings may have six
    turn_seconds  how long a turn lasts at most
    starts_at     not before this the first turn begins

    :raises BadValue: fewer than two bidders, a name or place twice, a number out of range.
    """

    bidders: tuple[Bidder, ...]
    step: Decimal
    places: int
    turn_seconds: int
    starts_at: datetime
    rounds: int = ROUNDS

    def __post_init__(self) -> None:
        count, names = len(self.bidders), {one.name for one in self.bidders}
        _check("bidders", count, "needs two at least", 2 <= count <= MOST_BIDDERS)
        _check("bidders", count, "names a bidder twice, or nobody", len(names) == count and "" not in names)
        _check("bidders", count, "gives a place twice", len({one.place for one in self.bidders}) == count)
        _check("rounds", self.rounds, f"needs 1 to {MOST_ROUNDS}", 1 <= self.rounds <= MOST_ROUNDS)
        _check("places", self.places, f"needs 0 to {MOST_PLACES}", 0 <= self.places <= MOST_PLACES)
        reason = f"needs {LEAST_TURN} to {MOST_TURN}"
        _check("turn_seconds", self.turn_seconds, reason, LEAST_TURN <= self.turn_seconds <= MOST_TURN)
        _check("starts_at", self.starts_at, "needs an offset from UTC", self.starts_at.tzinfo is not None)
        fault = price_fault(self.step, self.places) or ("is zero" if not self.step else "")
        _check("step", self.step, fault, not fault)
        for one in self.bidders:
            fault = price_fault(one.opening, MOST_PLACES)
            _check(f"{one.name}.opening", one.opening, fault, not fault)
            _check(f"{one.name}.coefficient", one.coefficient, "is not above zero", one.coefficient > 0)
            _check(f"{one.name}.addition", one.addition, "is negative", one.addition >= 0)

    def bidder(self, name: str) -> Bidder | None:
        """Return the bidder of this name, None without one."""
        return next((one for one in self.bidders if one.name == name), None)


@dataclass(frozen=True)
class Event:
    """One step: `kind` of KINDS at an instant; whose step it is, and at which price where it is a bid."""

    kind: str
    at: datetime
    bidder: str = ""
    price: Decimal | None = None


def price_fault(price: Decimal, places: int) -> str:
    """Return why this is no price of so many decimals, '' where it is one."""
    if not price.is_finite():
        return gettext_noop("it is not a number")
    if price < 0:
        return gettext_noop("it is negative")
    if price and price.adjusted() >= MOST_DIGITS - MOST_PLACES:
        return gettext_noop("it has more than twelve digits before the point")
    return gettext_noop("it has more decimals than are counted") if _decimals(price) > places else ""


def _decimals(price: Decimal) -> int:
    """Return how many digits behind the point say something."""
    parts = price.as_tuple()
    digits = "".join(map(str, parts.digits))
    return -int(parts.exponent) - (len(digits) - len(digits.rstrip("0"))) if price else 0


def _check(place: str, value: object, reason: str, good: bool) -> None:
    if not good:
        raise BadValue(place=place, value=str(value), reason=reason)
