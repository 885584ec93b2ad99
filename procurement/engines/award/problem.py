"""The award problem: lots by region, suppliers, tiered bids, packages and rules, with its JSON form.

Money in minor units, quantities in pieces (or packs): integers throughout.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from procurement.engines import reading
from procurement.engines.award import validity

ALL_UNITS = "all_units"
INCREMENTAL = "incremental"


@dataclass(frozen=True)
class Tier:
    """From `start` to `end` units (both counted), at `price` a unit."""

    start: int
    end: int
    price: int


@dataclass(frozen=True)
class Lot:
    """What is wanted of one thing, by region; `reserve` is the price of leaving a unit unserved."""

    lot: str
    demand: Mapping[str, int]
    reserve: int

    @cached_property
    def quantity(self) -> int:
        return sum(self.demand.values())


@dataclass(frozen=True)
class Supplier:
    """Who bids: at most min(capacity, share_cap) units over all lots, packages included."""

    supplier: str
    capacity: int
    share_cap: int

    @property
    def most(self) -> int:
        return min(self.capacity, self.share_cap)


@dataclass(frozen=True)
class Bid:
    """One supplier's offer for one lot: used between the first tier's start and the last tier's end, or not at all."""

    bid: str
    supplier: str
    lot: str
    tiers: tuple[Tier, ...]
    freight: Mapping[str, int]  # per unit, by region
    criteria: int  # quality, carbon and life cycle as money per unit

    def landed(self, region: str) -> int:
        """What a unit costs beside its price when it goes to `region`."""
        return self.freight[region] + self.criteria


@dataclass(frozen=True)
class Package:
    """All or nothing: exactly `quantities` by lot at one `price` for the whole, spread over regions as decided."""

    package: str
    supplier: str
    quantities: Mapping[str, int]
    price: int
    freight: Mapping[str, Mapping[str, int]]  # per unit, by lot and region
    criteria: Mapping[str, int]  # per unit, by lot

    @cached_property
    def quantity(self) -> int:
        return sum(self.quantities.values())

    def landed(self, lot: str, region: str) -> int:
        """What a unit of `lot` costs beside the package's price when it goes to `region`."""
        return self.freight[lot][region] + self.criteria[lot]


@dataclass(frozen=True)
class Rules:
    """How many may win, over all and in one lot, and what each winner costs."""

    winners_min: int
    winners_max: int
    winners_per_lot: int
    fixed_cost_per_winner: int


@dataclass(frozen=True)
class AwardProblem:
    """Everything an award is decided from.

    :raises BadValue: at construction, naming the place, the value and the reason (gaps or overlaps between tiers, a
        negative number, an unknown id, a duplicate, a package that names a foreign lot, ...).
    """

    mode: str
    regions: tuple[str, ...]
    lots: tuple[Lot, ...]
    suppliers: tuple[Supplier, ...]
    bids: tuple[Bid, ...]
    packages: tuple[Package, ...]
    rules: Rules

    def __post_init__(self) -> None:
        validity.check(self)

    @cached_property
    def lot_of(self) -> dict[str, Lot]:
        return {lot.lot: lot for lot in self.lots}

    @cached_property
    def supplier_of(self) -> dict[str, Supplier]:
        return {one.supplier: one for one in self.suppliers}

    @cached_property
    def bid_of(self) -> dict[str, Bid]:
        return {one.bid: one for one in self.bids}

    @cached_property
    def bids_on(self) -> dict[str, list[Bid]]:
        """The bids by lot."""
        found: dict[str, list[Bid]] = {one.lot: [] for one in self.lots}
        for bid in self.bids:
            found[bid.lot].append(bid)
        return found

    @cached_property
    def package_of(self) -> dict[str, Package]:
        return {one.package: one for one in self.packages}

    def goods(self, bid: Bid, quantity: int) -> int:
        """What `quantity` units of `bid` cost without freight and criteria.

        :raises ValueError: the bid does not cover that quantity.
        """
        if not bid.tiers[0].start <= quantity <= bid.tiers[-1].end:
            raise ValueError(f"{bid.bid} does not offer {quantity} units")
        tier = next(one for one in bid.tiers if quantity <= one.end)
        if self.mode == ALL_UNITS:
            return quantity * tier.price
        return self.head_start(bid, tier) + quantity * tier.price

    def head_start(self, bid: Bid, tier: Tier) -> int:
        """What a quantity in `tier` costs beyond quantity x the tier's own price: 0 in `all_units` mode.

        In `incremental` mode the units below the tier cost what their own tiers say.
        """
        if self.mode == ALL_UNITS:
            return 0
        paid = below = 0
        for one in bid.tiers:
            if one is tier:
                break
            paid += (one.end - below) * one.price
            below = one.end
        return paid - below * tier.price

    @classmethod
    def from_json(cls, text: bytes | str) -> AwardProblem:
        """Read the agreed format.

        :raises BadValue: it is not JSON, a key is missing, a value has the wrong kind, or the problem makes no sense.
        """
        return _read(reading.document(text))

    def to_json(self) -> bytes:
        """Write the agreed format; the same problem gives the same bytes."""
        return json.dumps(_written(self), separators=(",", ":"), ensure_ascii=False).encode()

    def sha256(self) -> str:
        return hashlib.sha256(self.to_json()).hexdigest()


def _read(page: reading.Page) -> AwardProblem:
    if page.text("kind") != "award":
        reading.refuse("kind", page.text("kind"), "not award")
    rules = page.page("rules")
    return AwardProblem(
        mode=page.text("mode"),
        regions=tuple(page.texts("regions")),
        lots=tuple(Lot(one.text("lot"), one.numbers("demand"), one.number("reserve")) for one in page.pages("lots")),
        suppliers=tuple(
            Supplier(one.text("supplier"), one.number("capacity"), one.number("share_cap"))
            for one in page.pages("suppliers")
        ),
        bids=tuple(_bid(one) for one in page.pages("bids")),
        packages=tuple(_package(one) for one in page.pages("packages")),
        rules=Rules(
            rules.number("winners_min"),
            rules.number("winners_max"),
            rules.number("winners_per_lot"),
            rules.number("fixed_cost_per_winner"),
        ),
    )


def _bid(page: reading.Page) -> Bid:
    return Bid(
        bid=page.text("bid"),
        supplier=page.text("supplier"),
        lot=page.text("lot"),
        tiers=tuple(Tier(one.number("from"), one.number("to"), one.number("price")) for one in page.pages("tiers")),
        freight=page.numbers("freight"),
        criteria=page.number("criteria"),
    )


def _package(page: reading.Page) -> Package:
    freight = page.page("freight")
    return Package(
        package=page.text("package"),
        supplier=page.text("supplier"),
        quantities=page.numbers("quantities"),
        price=page.number("price"),
        freight={lot: freight.numbers(lot) for lot in freight.names},
        criteria=page.numbers("criteria"),
    )


def _written(problem: AwardProblem) -> dict[str, Any]:
    rules = problem.rules
    return {
        "kind": "award",
        "mode": problem.mode,
        "regions": list(problem.regions),
        "lots": [{"lot": one.lot, "demand": dict(one.demand), "reserve": one.reserve} for one in problem.lots],
        "suppliers": [
            {"supplier": one.supplier, "capacity": one.capacity, "share_cap": one.share_cap}
            for one in problem.suppliers
        ],
        "bids": [_written_bid(one) for one in problem.bids],
        "packages": [_written_package(one) for one in problem.packages],
        "rules": {
            "winners_min": rules.winners_min,
            "winners_max": rules.winners_max,
            "winners_per_lot": rules.winners_per_lot,
            "fixed_cost_per_winner": rules.fixed_cost_per_winner,
        },
    }


def _written_bid(bid: Bid) -> dict[str, Any]:
    return {
        "bid": bid.bid,
        "supplier": bid.supplier,
        "lot": bid.lot,
        "tiers": [{"from": one.start, "to": one.end, "price": one.price} for one in bid.tiers],
        "freight": dict(bid.freight),
        "criteria": bid.criteria,
    }


def _written_package(package: Package) -> dict[str, Any]:
    return {
        "package": package.package,
        "supplier": package.supplier,
        "quantities": dict(package.quantities),
        "price": package.price,
        "freight": {lot: dict(by_region) for lot, by_region in package.freight.items()},
        "criteria": dict(package.criteria),
    }
