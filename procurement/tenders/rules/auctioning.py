"""How sealed offers enter an auction, and how its prices come back to them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Context, Decimal
from fractions import Fraction

from procurement.engines.scoring import Scoring, additions, merit_of
from procurement.tenders.rules.offer_values import PRICE_PLACES
from procurement.tenders.rules.offers import Tier

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_EXACT = Context(prec=60)


def name_of(number: int) -> str:
    """Return the name under which a seat plays."""
    return f"Bidder {number}"


def number_of(name: str) -> int | None:
    """Return the seat behind such a name, None where it is nobody's."""
    return int(name.removeprefix("Bidder ")) if name else None


def tier_at(tiers: Sequence[Tier], quantity: Decimal) -> Tier | None:
    """Return the tier that prices the lot's whole quantity; the last one where an offer ends before it.

    None for an offer whose least already is more than is wanted: it cannot win.
    """
    if not tiers or tiers[0].start > quantity:
        return None
    return next((one for one in tiers if one.end is None or quantity <= one.end), tiers[-1])


def freight_a_unit(freight: Mapping[str, Decimal], wanted: Mapping[str, Decimal]) -> Fraction:
    """Return what a unit's freight costs on the average over what each region wants, exactly.

    freight   money a unit by region; a region that is not named costs nothing
    wanted    quantity by region, the sum > 0
    """
    whole = sum((Fraction(one) for one in wanted.values()), Fraction(0))
    paid = sum(
        (Fraction(one) * Fraction(freight.get(region, Decimal(0))) for region, one in wanted.items()), Fraction(0)
    )
    return paid / whole


def weighing_of(
    scoring: Scoring | None,
    chosen: Mapping[str, str],
    reference: Decimal | None,
    said: tuple[Decimal | None, Decimal | None],
    freight: Fraction,
) -> tuple[Fraction, Fraction]:
    """Return the coefficient a bidder's price is divided by and what is added to it, as the award counts: a unit costs
    (price + freight) / coefficient + penalty + carbon and life cycle.

    scoring    how merit counts; None: the price alone
    said       carbon (kg a unit) and life cycle (money a unit) of the offer
    freight    money a unit
    """
    if scoring is None:
        return Fraction(1), freight
    merit = merit_of(scoring, chosen, reference)
    return merit.coefficient, freight / merit.coefficient + merit.penalty + additions(scoring, *said)


def lowered(tiers: Iterable[Tier], opening: Decimal, price: Decimal) -> tuple[Tier, ...]:
    """Return the tiers as they are after an auction: each times price / opening.

    The tier that had the opening price has exactly the auction's; the others are rounded down to a price's digits, so
    no buyer pays more than was shown. An opening of zero leaves them as they are.
    """
    if not opening or price == opening:
        return tuple(tiers)
    measure = Fraction(price) / Fraction(opening)
    return tuple(replace(one, price=_floor(Fraction(one.price) * measure)) for one in tiers)


def _floor(exact: Fraction) -> Decimal:
    scaled = exact * 10**PRICE_PLACES
    return _EXACT.scaleb(Decimal(scaled.numerator // scaled.denominator), -PRICE_PLACES).normalize(_EXACT) + 0


def price_of(said: str) -> Decimal:
    """Return the price that somebody wrote, and not-a-number for what is none: the engine refuses that by name."""
    text = said.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else Decimal("NaN")


def signed_record(text: str) -> bytes:
    """Return what the platform signs of an auction's record."""
    return b"jicai/auction-record/1|" + hashlib.sha256(text.encode()).hexdigest().encode()
