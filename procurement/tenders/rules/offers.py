"""What an offer says, read strictly: a price that could be read two ways is no price.

An offer is a document (JSON), the same from API, page and workbook, before sealing and after opening:

    {"currency": "EUR",                                one of the tender's; left out: the tender's own
     "capacity": "50000",                              at most so many units over all lots; left out: no limit
     "valid_days": 90,                                 it binds so many days from closing; left out: without end
     "chosen": {"warranty": "five"},                   one answer to each published criterion
     "lots": [{"lot": "LT-2026-0003",
               "tiers": [{"from": "1", "to": "999", "price": "12.5"},
                         {"from": "1000", "to": null, "price": "11.9"}],
               "freight": {"Zhejiang": "0.3"},         per unit by region; left out: prices are delivered
               "lead_days": 21,
               "co2": "1.25",                          kg of CO2 equivalent a unit
               "life_cycle": "0.8"}],                  what a unit costs its owner over its life
     "packages": [{"name": "A", "price": "118000",     all or nothing, the price for the whole
                   "lots": [{"lot": "LT-2026-0003", "quantity": "5000", "freight": {"Zhejiang": "0.3"}},
                            {"lot": "LT-2026-0004", "quantity": "200"}]}]}

Quantities are in the lot's unit, prices and freight are money a unit before VAT in the offer's currency. The first
`from` is the minimum award, the last `to` the most (null: no end). Tiers are read as the tender publishes: by the
supplier's whole quantity of the lot, or each unit by its own tier. Numbers are text or whole numbers, never binary
floats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from procurement.engines.scoring import Scoring
from procurement.tenders.rules.bid_terms import MOST_DAYS, BidTerms
from procurement.tenders.rules.offer_parts import (
    Bundled,
    LotOffer,
    LotTerms,
    Offer,
    OfferTerms,
    PackageOffer,
    Tier,
    steps_of,
)
from procurement.tenders.rules.offer_values import (
    PRICE_PLACES,
    QUANTITY_PLACES,
    BadOffer,
    days_of,
    freight_of,
    name_of,
    number_of,
    page_of,
    rows_of,
)

__all__ = [
    "PRICE_PLACES",
    "QUANTITY_PLACES",
    "BadOffer",
    "Bundled",
    "LotOffer",
    "LotTerms",
    "Offer",
    "OfferTerms",
    "PackageOffer",
    "Tier",
    "read_offer",
    "steps_of",
]

MOST_TIERS = 50
MOST_PACKAGES = 100
_OFFER = {"lots", "capacity", "currency", "valid_days", "chosen", "packages", "file"}
_LOT = {"lot", "tiers", "freight", "lead_days", "co2", "life_cycle"}
_BUNDLED = {"lot", "quantity", "freight", "co2", "life_cycle"}


def read_offer(document: object, terms: OfferTerms) -> Offer:
    """Return the offer that `document` says, checked against the lots of its tender and what was published.

    :raises BadOffer: a foreign lot, a lot or region named twice or not at all, a gap or overlap between tiers, a number
        that is negative, none, too long or a float, a key that nobody knows; a currency without a published rate, too
        short a validity, a criterion without an answer, a package nobody may take.
    """
    page = page_of("offer", document, _OFFER)
    known = {one.lot_ref: one for one in terms.lots}
    packages = _packages(page.get("packages"), known, terms.published)
    lots: tuple[LotOffer, ...] = ()
    if page.get("lots") or not packages:
        rows = rows_of("lots", page.get("lots"), len(known))
        lots = tuple(_lot(f"lots[{place}]", one, known, terms.published.scoring) for place, one in rows)
    _each_once([one.lot_ref for one in lots], "is offered twice")
    capacity = page.get("capacity")
    if capacity is not None:
        capacity = number_of("capacity", capacity, QUANTITY_PLACES)
        if not capacity:
            raise BadOffer(place="capacity", reason="is zero")
    return Offer(
        lots,
        capacity,
        currency=_currency(page.get("currency"), terms),
        valid_days=_valid_days(page.get("valid_days"), terms.published),
        chosen=_chosen(page.get("chosen"), terms.published.scoring),
        packages=packages,
        file=_file(page.get("file")),
    )


def _each_once(names: Sequence[str], reason: str) -> None:
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise BadOffer(place=twice, reason=reason)


def _currency(value: object, terms: OfferTerms) -> str:
    if value in (None, terms.currency):
        return ""
    if not isinstance(value, str) or value not in terms.published.rates:
        raise BadOffer(place="currency", reason="is none that this tender takes")
    return value


def _valid_days(value: object, published: BidTerms) -> int | None:
    days = days_of("valid_days", value, MOST_DAYS)
    if days is not None and days < published.valid_days:
        raise BadOffer(place="valid_days", reason=f"is less than the {published.valid_days} days that are asked for")
    return days


def _chosen(value: object, scoring: Scoring | None) -> dict[str, str]:
    criteria = {one.code: {option.code for option in one.options} for one in scoring.criteria} if scoring else {}
    page = page_of("chosen", {} if value is None else value, criteria)
    for code, options in criteria.items():
        if page.get(code) is None:
            raise BadOffer(place=f"chosen.{code}", reason="is not answered")
        if not isinstance(page[code], str) or page[code] not in options:
            raise BadOffer(place=f"chosen.{code}", reason="is none of its options")
    return {code: str(page[code]) for code in criteria}


def _file(value: object) -> dict[str, str]:
    page = page_of("file", {} if value is None else value, {"sha256", "author", "changed_by"})
    for key, said in page.items():
        if not isinstance(said, str) or len(said) > 200:
            raise BadOffer(place=f"file.{key}", reason="is no short text")
    return dict(page)


def _lot(place: str, value: object, known: Mapping[str, LotTerms], scoring: Scoring | None) -> LotOffer:
    page = page_of(place, value, _LOT)
    terms = _terms(f"{place}.lot", page.get("lot"), known)
    where = terms.lot_ref
    rows = rows_of(f"{where}.tiers", page.get("tiers"), MOST_TIERS)
    tiers = tuple(_tier(f"{where}.tiers[{at}]", one) for at, one in rows)
    _check_steps(where, tiers, terms.step)
    lead = days_of(f"{where}.lead_days", page.get("lead_days"))
    freight = freight_of(where, page.get("freight"), terms.regions)
    return LotOffer(where, tiers, freight, lead, *_merit(where, page, scoring))


def _terms(place: str, ref: object, known: Mapping[str, LotTerms]) -> LotTerms:
    terms = known.get(ref) if isinstance(ref, str) else None
    if terms is None:
        raise BadOffer(place=place, reason="is no lot of this tender")
    return terms


def _merit(where: str, page: Mapping[str, Any], scoring: Scoring | None) -> tuple[Decimal | None, Decimal | None]:
    """Return carbon and life-cycle cost a unit, which must be said where they count."""
    needed = {"co2": bool(scoring and scoring.carbon_price), "life_cycle": bool(scoring and scoring.life_cycle)}
    found: list[Decimal | None] = []
    for key, places in (("co2", QUANTITY_PLACES), ("life_cycle", PRICE_PLACES)):
        said = page.get(key)
        if said is None and needed[key]:
            raise BadOffer(place=f"{where}.{key}", reason="is missing, and this tender counts it")
        found.append(None if said is None else number_of(f"{where}.{key}", said, places))
    return found[0], found[1]


def _packages(value: object, known: Mapping[str, LotTerms], published: BidTerms) -> tuple[PackageOffer, ...]:
    if value is None or value == []:
        return ()
    if not published.packages:
        raise BadOffer(place="packages", reason="are not taken by this tender")
    rows = rows_of("packages", value, MOST_PACKAGES)
    packages = tuple(_package(f"packages[{place}]", one, known, published.scoring) for place, one in rows)
    _each_once([one.name for one in packages], "is a package's name twice")
    return packages


def _package(place: str, value: object, known: Mapping[str, LotTerms], scoring: Scoring | None) -> PackageOffer:
    page = page_of(place, value, {"name", "price", "lots"})
    name = name_of(f"{place}.name", page.get("name"))
    if page.get("price") is None:
        raise BadOffer(place=f"{name}.price", reason="is missing")
    price = number_of(f"{name}.price", page["price"], PRICE_PLACES)
    rows = rows_of(f"{name}.lots", page.get("lots"), len(known))
    lots = tuple(_bundled(f"{name}.lots[{at}]", one, known, scoring) for at, one in rows)
    _each_once([one.lot_ref for one in lots], f"stands twice in package {name}")
    return PackageOffer(name, price, lots)


def _bundled(place: str, value: object, known: Mapping[str, LotTerms], scoring: Scoring | None) -> Bundled:
    page = page_of(place, value, _BUNDLED)
    terms = _terms(f"{place}.lot", page.get("lot"), known)
    if page.get("quantity") is None:
        raise BadOffer(place=f"{place}.quantity", reason="is missing")
    quantity = number_of(f"{place}.quantity", page["quantity"], QUANTITY_PLACES)
    if not quantity or quantity % terms.step:
        raise BadOffer(place=f"{place}.quantity", reason=f"is not a whole number of steps of {_plain(terms.step)}")
    if terms.quantity is not None and quantity > terms.quantity:
        raise BadOffer(place=f"{place}.quantity", reason="is more than is wanted")
    freight = freight_of(place, page.get("freight"), terms.regions)
    return Bundled(terms.lot_ref, quantity, freight, *_merit(place, page, scoring))


def _tier(place: str, value: object) -> Tier:
    page = page_of(place, value, {"from", "to", "price"})
    for key in ("from", "price"):
        if page.get(key) is None:
            raise BadOffer(place=f"{place}.{key}", reason="is missing")
    end = page.get("to")
    return Tier(
        number_of(f"{place}.from", page["from"], QUANTITY_PLACES),
        None if end is None else number_of(f"{place}.to", end, QUANTITY_PLACES),
        number_of(f"{place}.price", page["price"], PRICE_PLACES),
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
            backward = tier.end is not None and tier.end < tier.start
            reason = "ends before it begins" if backward else f"holds no whole step of {_plain(step)}"
            raise BadOffer(place=f"{where}.tiers[{place}].to", reason=reason)
        expected = None if last is None else last + 1


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
