"""What an offer says, read strictly: a price that could be read two ways is no price.

An offer is a document (JSON), the same before sealing and after opening:

    {"capacity": "50000",                              at most so many units over all lots; left out: no limit
     "lots": [{"lot": "LT-2026-0003",
               "tiers": [{"from": "1", "to": "999", "price": "12.5"},
                         {"from": "1000", "to": null, "price": "11.9"}],
               "freight": {"Zhejiang": "0.3"},         per unit by region; left out: prices are delivered
               "lead_days": 21}]}

Quantities are in the lot's unit, prices and freight are money a unit before VAT in the tender's currency. The first
`from` is the least the supplier takes, the last `to` the most (null: no end). Every unit costs the price of the tier
that the supplier's whole quantity of the lot falls in. Numbers are text or whole numbers, never binary floats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop

PRICE_PLACES = 4
QUANTITY_PLACES = 6
MOST_TIERS = 50
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")


class BadOffer(Refusal):
    """An offer that cannot be read in one way only; `place` and `reason` say where and why, never its figures."""

    code = "bad_offer"
    status = 400
    words = gettext_noop("The offer is refused at {place}: {reason}.")

    def __init__(self, *, place: str, reason: str) -> None:
        super().__init__(place=place, reason=reason)
        self.place, self.reason = place, reason


@dataclass(frozen=True)
class LotTerms:
    """What an offer for a lot must fit: quantities are counted in steps, deliveries go to these regions."""

    lot_ref: str
    step: Decimal
    regions: tuple[str, ...]


@dataclass(frozen=True)
class Tier:
    """From `start` to `end` units (both counted, no end: None) a unit costs `price`."""

    start: Decimal
    end: Decimal | None
    price: Decimal


@dataclass(frozen=True)
class LotOffer:
    """One supplier's offer for one lot; `freight` names every region of the lot."""

    lot_ref: str
    tiers: tuple[Tier, ...]
    freight: Mapping[str, Decimal]
    lead_days: int | None = None


@dataclass(frozen=True)
class Offer:
    """One supplier's offer for a tender; `capacity` in units over all its lots, None: no limit."""

    lots: tuple[LotOffer, ...]
    capacity: Decimal | None = None

    def document(self) -> dict[str, Any]:
        """Return the offer as the document it would be read from, numbers as text."""
        return {
            "capacity": None if self.capacity is None else str(self.capacity),
            "lots": [
                {
                    "lot": one.lot_ref,
                    "tiers": [
                        {
                            "from": str(tier.start),
                            "to": None if tier.end is None else str(tier.end),
                            "price": str(tier.price),
                        }
                        for tier in one.tiers
                    ],
                    "freight": {region: str(cost) for region, cost in one.freight.items()},
                    "lead_days": one.lead_days,
                }
                for one in self.lots
            ],
        }


def read_offer(document: object, terms: Sequence[LotTerms]) -> Offer:
    """Return the offer that `document` says, checked against the lots of its tender.

    :raises BadOffer: a foreign lot, a lot or region named twice or not at all, a gap or overlap between tiers, a number
        that is negative, none, too long or a float, a key that nobody knows.
    """
    page = _page("offer", document, {"lots", "capacity"})
    known = {one.lot_ref: one for one in terms}
    lots = tuple(_lot(f"lots[{place}]", one, known) for place, one in _rows("lots", page.get("lots"), len(known)))
    twice = next((one.lot_ref for at, one in enumerate(lots) if one.lot_ref in {o.lot_ref for o in lots[:at]}), None)
    if twice:
        raise BadOffer(place=twice, reason="is offered twice")
    capacity = page.get("capacity")
    if capacity is not None:
        capacity = _number("capacity", capacity, QUANTITY_PLACES)
        if not capacity:
            raise BadOffer(place="capacity", reason="is zero")
    return Offer(lots, capacity)


def _page(place: str, value: object, keys: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadOffer(place=place, reason="is no object")
    unknown = next((str(key)[:40] for key in value if key not in keys), None)
    if unknown is not None:
        raise BadOffer(place=place, reason=f"has a key nobody knows: {unknown}")
    return value


def _rows(place: str, value: object, most: int) -> Iterator[tuple[int, Any]]:
    if not isinstance(value, list | tuple) or not value:
        raise BadOffer(place=place, reason="is no list, or an empty one")
    if len(value) > most:
        raise BadOffer(place=place, reason=f"is longer than {most}")
    return iter(enumerate(value))


def _lot(place: str, value: object, known: Mapping[str, LotTerms]) -> LotOffer:
    page = _page(place, value, {"lot", "tiers", "freight", "lead_days"})
    terms = known.get(page["lot"]) if isinstance(page.get("lot"), str) else None
    if terms is None:
        raise BadOffer(place=f"{place}.lot", reason="is no lot of this tender")
    where = terms.lot_ref
    tiers = tuple(
        _tier(f"{where}.tiers[{at}]", one) for at, one in _rows(f"{where}.tiers", page.get("tiers"), MOST_TIERS)
    )
    _check_steps(where, tiers, terms.step)
    lead = page.get("lead_days")
    if lead is not None and (type(lead) is not int or not 0 <= lead <= 3650):
        raise BadOffer(place=f"{where}.lead_days", reason="is no number of days")
    return LotOffer(where, tiers, _freight(where, page.get("freight"), terms.regions), lead)


def _tier(place: str, value: object) -> Tier:
    page = _page(place, value, {"from", "to", "price"})
    for key in ("from", "price"):
        if page.get(key) is None:
            raise BadOffer(place=f"{place}.{key}", reason="is missing")
    end = page.get("to")
    return Tier(
        _number(f"{place}.from", page["from"], QUANTITY_PLACES),
        None if end is None else _number(f"{place}.to", end, QUANTITY_PLACES),
        _number(f"{place}.price", page["price"], PRICE_PLACES),
    )


def _check_steps(where: str, tiers: Sequence[Tier], step: Decimal) -> None:
    """Accept tiers that follow one another without gap or overlap, counted in whole steps of the lot."""
    expected: int | None = None
    for place, tier in enumerate(tiers):
        first, last = steps_of(tier, step)
        if expected is None and place:
            raise BadOffer(place=f"{where}.tiers[{place}].from", reason="follows a tier without end")
        if place and first != expected:
            fault = "leaves a gap after" if first > (expected or 0) else "overlaps"
            raise BadOffer(place=f"{where}.tiers[{place}].from", reason=f"{fault} the tier before it")
        if last is not None and last < first:
            reason = "ends before it begins" if tier.end is not None and tier.end < tier.start else _no_step(step)
            raise BadOffer(place=f"{where}.tiers[{place}].to", reason=reason)
        expected = None if last is None else last + 1


def _no_step(step: Decimal) -> str:
    return f"holds no whole step of {step.normalize():f}"


def steps_of(tier: Tier, step: Decimal) -> tuple[int, int | None]:
    """Return the first and last whole number of steps that lie in the tier; a tier from 0 begins at one step."""
    whole, begun = divmod(tier.start, step)
    first = max(1, int(whole) + (begun > 0))
    return first, None if tier.end is None else int(tier.end // step)


def _freight(where: str, value: object, regions: Sequence[str]) -> dict[str, Decimal]:
    if value is None:
        return dict.fromkeys(regions, Decimal(0))
    page = _page(f"{where}.freight", value, set(regions))
    missing = next((region for region in regions if page.get(region) is None), None)
    if missing is not None:
        raise BadOffer(place=f"{where}.freight", reason=f"says nothing of {missing}")
    return {region: _number(f"{where}.freight.{region}", page[region], PRICE_PLACES) for region in regions}


def _number(place: str, value: object, places: int) -> Decimal:
    """Return a number >= 0 of at most `places` decimals."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise BadOffer(place=place, reason="is no number written as text")
    text = format(value, "f") if isinstance(value, Decimal) and value.is_finite() else str(value)
    if not _NUMBER.fullmatch(text):
        raise BadOffer(place=place, reason="is no plain number of at most twelve digits before the point")
    number = Decimal(text)
    if number < 0 or text.startswith("-"):
        raise BadOffer(place=place, reason="is negative")
    if number != round(number, places):
        raise BadOffer(place=place, reason=f"has more than {places} decimals")
    return number.normalize() + 0 if number else Decimal(0)
