"""What suppliers will bid: their private price lists, or, where a file knows only who won, their last prices."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

from marketplace.catalogue import queries as catalogue
from marketplace.parties import queries as parties
from marketplace.parties import use_cases as parties_
from procurement.demand import queries as demand
from procurement.tenders import queries as tenders

LAST_PRICES = (
    "The file knows only awarded vendors: each vendor's last pack price above zero, dated before {day}, stands as its "
    "offer, delivered, for any quantity."
)


@dataclass(frozen=True)
class PriceList:
    """One supplier's prices for one product: tiers (from, price), freight a unit, lead time in days."""

    tiers: tuple[tuple[Decimal, Decimal], ...]
    unit_freight: Decimal = Decimal(0)
    lead_days: int | None = None


@dataclass(frozen=True)
class Offers:
    """Price lists by supplier ref, currency and product id; `note` says where they come from."""

    lists: Mapping[str, Mapping[tuple[int, str], PriceList]] = field(default_factory=dict)
    note: str = ""


def read_offers(path: Path, currency: str, codes: Mapping[str, str]) -> Offers:
    """Read suppliers' price tiers from a CSV (credit_code, product, tier, from, unit_price, unit_freight, lead_days).

    codes  supplier ref by credit code
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    products = catalogue.ids_by_code({row["product"] for row in rows})
    tiers: dict[tuple[str, int], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        tiers[codes[row["credit_code"]], products[row["product"]]].append(row)
    lists: dict[str, dict[tuple[int, str], PriceList]] = defaultdict(dict)
    for (supplier, product), mine in tiers.items():
        lists[supplier][product, currency] = PriceList(
            tuple((Decimal(row["from"]), Decimal(row["unit_price"])) for row in mine),
            Decimal(mine[0]["unit_freight"]),
            int(mine[0]["lead_days"]),
        )
    return Offers(lists, f"The suppliers' own price lists in {path.name}.")


def offers_from_last_prices(before: date, *, by: str, at: datetime) -> Offers:
    """Let each vendor of the imported lines offer its last price, registering those that are new as suppliers."""
    found = demand.vendor_offers(before=before)
    names = sorted({offer.vendor for offer in found})
    refs = parties_.register_many(
        rows=[
            parties_.NewOrganisation(
                external_code=f"vendor:{name}", legal_name=name, country="", region="", roles=("supplier",)
            )
            for name in names
        ],
        by=by,
        at=at,
    )
    lists: dict[str, dict[tuple[int, str], PriceList]] = defaultdict(dict)
    for offer in found:
        prices = PriceList(((Decimal(1), offer.unit_price.amount),))
        lists[refs[f"vendor:{offer.vendor}"]][offer.product_id, offer.unit_price.currency] = prices
    return Offers(lists, LAST_PRICES.format(day=before.isoformat()))


def bid_for(tender_ref: str, prices: Mapping[tuple[int, str], PriceList]) -> dict[str, Any] | None:
    """Return the offer document of a supplier with these prices for a tender's lots, None when it has none of them."""
    view = tenders.tender(tender_ref)
    lots = [
        _lot_offer(lot, prices[lot.product_id, view.currency])
        for lot in view.lots
        if lot.product_id is not None and (lot.product_id, view.currency) in prices
    ]
    return {"lots": lots} if lots else None


def _lot_offer(lot: tenders.LotView, prices: PriceList) -> dict[str, Any]:
    """Return the tiers cut to the lot: quantities in its steps, the first tier from the least it can buy."""
    starts = [
        max(Decimal(1), (start / lot.step).to_integral_value(ROUND_CEILING)) * lot.step for start, _ in prices.tiers
    ]
    tiers: list[dict[str, str | None]] = []
    for place, (_, price) in enumerate(prices.tiers):
        last = place + 1 == len(prices.tiers)
        if not last and starts[place + 1] <= starts[place]:
            continue
        end = None if last else str(starts[place + 1] - lot.step)
        tiers.append({"from": str(starts[place]), "to": end, "price": str(price)})
    freight = {region: str(prices.unit_freight) for region in lot.regions}
    return {"lot": lot.ref, "tiers": tiers, "freight": freight, "lead_days": prices.lead_days}


def bidders(offers: Offers) -> Sequence[str]:
    """Return the suppliers that offer anything and may bid, by ref."""
    standing = parties.organisations(offers.lists.keys())
    return sorted(ref for ref in offers.lists if ref in standing and standing[ref].verified)
