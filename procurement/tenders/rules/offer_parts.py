"""The parts of an offer as values, and what an offer must fit. `rules.offers` tells how they are written and read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.offer_values import PRICE_PLACES


@dataclass(frozen=True)
class LotTerms:
    """What an offer for a lot must fit: quantities are counted in steps, deliveries go to these regions.

    quantity   what is wanted; None where it is not known
    reference  the published reference price a unit, where merit counts by points
    """

    lot_ref: str
    step: Decimal
    regions: tuple[str, ...]
    quantity: Decimal | None = None
    reference: Decimal | None = None


@dataclass(frozen=True)
class OfferTerms:
    """What offers of a tender must fit: its lots and what it published about bids."""

    lots: tuple[LotTerms, ...]
    currency: str = ""
    published: BidTerms = field(default_factory=BidTerms)

    def __iter__(self) -> Iterator[LotTerms]:
        return iter(self.lots)

    def rate_of(self, currency: str) -> Decimal:
        """Return what one of `currency` is in the tender's own, as it was published."""
        return Decimal(1) if currency in ("", self.currency) else self.published.rates[currency]


@dataclass(frozen=True)
class Tier:
    """From `start` to `end` units (both counted, no end: None) a unit costs `price`."""

    start: Decimal
    end: Decimal | None
    price: Decimal


@dataclass(frozen=True)
class LotOffer:
    """One supplier's offer for one lot; `freight` names every region of the lot; `co2` in kg a unit."""

    lot_ref: str
    tiers: tuple[Tier, ...]
    freight: Mapping[str, Decimal]
    lead_days: int | None = None
    co2: Decimal | None = None
    life_cycle: Decimal | None = None


@dataclass(frozen=True)
class Bundled:
    """What a package holds of one lot; freight by region a unit, `co2` in kg a unit."""

    lot_ref: str
    quantity: Decimal
    freight: Mapping[str, Decimal]
    co2: Decimal | None = None
    life_cycle: Decimal | None = None


@dataclass(frozen=True)
class PackageOffer:
    """Lots bundled, all or nothing, at one price for the whole."""

    name: str
    price: Decimal
    lots: tuple[Bundled, ...]


@dataclass(frozen=True)
class Offer:
    """One supplier's offer for a tender; `capacity` in units over all its lots, None: no limit.

    currency    '' is the tender's own
    valid_days  days from closing that it binds; None: without end
    chosen      criterion -> answer
    file        what the workbook it came in tells of its making, where it came in one
    """

    lots: tuple[LotOffer, ...]
    capacity: Decimal | None = None
    currency: str = ""
    valid_days: int | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[PackageOffer, ...] = ()
    file: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the offer as the document it would be read from, numbers as text."""
        more = {
            "currency": self.currency or None,
            "valid_days": self.valid_days,
            "chosen": dict(self.chosen) or None,
            "packages": [_package_document(one) for one in self.packages] or None,
            "file": dict(self.file) or None,
        }
        return {
            "capacity": None if self.capacity is None else str(self.capacity),
            "lots": [_lot_document(one) for one in self.lots],
            **{key: value for key, value in more.items() if value is not None},
        }

    def in_money_of_tender(self, rate: Decimal) -> Offer:
        """Return the offer with every price at the published rate, half up to four decimals."""

        def at(price: Decimal | None) -> Decimal | None:
            return None if price is None else _rounded(price * rate)

        def all_at(freight: Mapping[str, Decimal]) -> dict[str, Decimal]:
            return {region: _rounded(cost * rate) for region, cost in freight.items()}

        if rate == 1:
            return self
        lots = (
            replace(
                lot,
                tiers=tuple(replace(tier, price=_rounded(tier.price * rate)) for tier in lot.tiers),
                freight=all_at(lot.freight),
                life_cycle=at(lot.life_cycle),
            )
            for lot in self.lots
        )
        packages = (
            replace(
                one,
                price=_rounded(one.price * rate),
                lots=tuple(
                    replace(lot, freight=all_at(lot.freight), life_cycle=at(lot.life_cycle)) for lot in one.lots
                ),
            )
            for one in self.packages
        )
        return replace(self, lots=tuple(lots), packages=tuple(packages))


def _rounded(price: Decimal) -> Decimal:
    return price.quantize(Decimal(1).scaleb(-PRICE_PLACES), ROUND_HALF_UP)


def _lot_document(one: LotOffer) -> dict[str, Any]:
    return {
        "lot": one.lot_ref,
        "tiers": [
            {"from": str(tier.start), "to": None if tier.end is None else str(tier.end), "price": str(tier.price)}
            for tier in one.tiers
        ],
        "freight": {region: str(cost) for region, cost in one.freight.items()},
        "lead_days": one.lead_days,
        **_beside(one),
    }


def _package_document(one: PackageOffer) -> dict[str, Any]:
    lots = [
        {
            "lot": lot.lot_ref,
            "quantity": str(lot.quantity),
            "freight": {region: str(cost) for region, cost in lot.freight.items()},
            **_beside(lot),
        }
        for lot in one.lots
    ]
    return {"name": one.name, "price": str(one.price), "lots": lots}


def _beside(one: LotOffer | Bundled) -> dict[str, str]:
    said = {"co2": one.co2, "life_cycle": one.life_cycle}
    return {key: str(value) for key, value in said.items() if value is not None}


def steps_of(tier: Tier, step: Decimal) -> tuple[int, int | None]:
    """Return the first and last whole number of steps that lie in the tier; a tier from 0 begins at one step."""
    whole, begun = divmod(tier.start, step)
    first = max(1, int(whole) + (begun > 0))
    return first, None if tier.end is None else int(tier.end // step)
