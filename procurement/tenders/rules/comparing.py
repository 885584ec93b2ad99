"""Opened offers side by side: what each costs a unit at the quantity that counts, landed and weighted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from procurement.engines.award import INCREMENTAL
from procurement.engines.scoring import Scoring, additions, merit_of, weighted_price
from procurement.tenders.rules.offers import Tier


@dataclass(frozen=True)
class Priced:
    """What an offer comes to a unit; None where it does not cover the quantity.

    quantity    what it was priced for: what it won, else what is wanted, cut to what it offers
    goods       its mean price; `freight` the mean over the regions by what they want; `landed` both
    weighted    what the landed price counts as, with its `coefficient`, where merit counts
    """

    quantity: Decimal
    goods: Decimal
    freight: Decimal
    landed: Decimal
    coefficient: Fraction | None = None
    weighted: Decimal | None = None


def priced(
    tiers: Sequence[Tier],
    freight: Mapping[str, Decimal],
    wanted: Mapping[str, Decimal],
    quantity: Decimal,
    mode: str,
) -> Priced | None:
    """Return what an offer comes to at `quantity`, or at the nearest quantity it offers; None: it offers no tier."""
    if not tiers or quantity <= 0:
        return None
    least, most = max(tiers[0].start, Decimal(1)), tiers[-1].end
    at = max(quantity, least) if most is None else min(max(quantity, least), most)
    carriage = _mean(freight, wanted)
    goods = _goods(tiers, at, mode) / Fraction(at)
    return Priced(at, _six(goods), _six(carriage), _six(goods + carriage))


def weigh(
    found: Priced,
    scoring: Scoring | None,
    chosen: Mapping[str, str],
    reference: Decimal | None,
    said: tuple[Decimal | None, Decimal | None],
) -> Priced:
    """Return the offer with what it counts as; `said` is its carbon and life cycle a unit."""
    if scoring is None:
        return found
    merit = merit_of(scoring, chosen, reference)
    counts = weighted_price(merit, found.landed, additions(scoring, *said))
    return Priced(found.quantity, found.goods, found.freight, found.landed, merit.coefficient, _six(counts))


def _goods(tiers: Sequence[Tier], quantity: Decimal, mode: str) -> Fraction:
    tier = next((one for one in tiers if one.end is None or quantity <= one.end), tiers[-1])
    if mode != INCREMENTAL:
        return Fraction(quantity) * Fraction(tier.price)
    paid, below = Fraction(0), Fraction(0)
    for one in tiers:
        end = Fraction(quantity if one.end is None else min(quantity, one.end))
        if end > below:
            paid += (end - below) * Fraction(one.price)
            below = end
    return paid


def _mean(freight: Mapping[str, Decimal], wanted: Mapping[str, Decimal]) -> Fraction:
    total = sum(wanted.values(), Decimal(0))
    if not total:
        return Fraction(0)
    return sum((Fraction(freight.get(region, 0)) * Fraction(part) for region, part in wanted.items()), Fraction(0)) / (
        Fraction(total)
    )


def _six(number: Fraction) -> Decimal:
    return Decimal(int(number * 10**6 + Fraction(1, 2))).scaleb(-6)
