"""A whole request is written down at once, as people fill in a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.money import Rate
from procurement.demand.use_cases.requests import NothingAsked, add_line, open_request
from procurement.engines.wants import Level


@dataclass(frozen=True)
class NewLine:
    """One want. `wanted` is the code of a product, or else a description; without `unit` it is the product's own."""

    wanted: str
    quantity: Decimal | None
    needed_from: date
    needed_to: date
    unit: str = ""
    tolerance: Decimal = Decimal(0)
    ceiling: Decimal | None = None
    region: str = ""
    curve: Sequence[Level] = ()
    substitutes_allowed: bool = False


@transaction.atomic
def draft_request(
    *,
    buyer_ref: str,
    lines: Sequence[NewLine],
    currency: str = "CNY",
    site_ref: str | None = None,
    note: str = "",
    external_ref: str = "",
    by: str,
    at: datetime,
) -> str:
    """Open a draft with all its lines, or nothing, and return its ref.

    :raises NothingAsked: there are no lines.
    :raises NotFound, NotABuyer, BadValue, UnknownUnit: as `open_request` and `add_line`.
    """
    if not lines:
        raise NothingAsked(ref="-")
    ref = open_request(
        buyer_ref=buyer_ref, currency=currency, site_ref=site_ref, note=note, external_ref=external_ref, by=by, at=at
    )
    products = catalogue.products_by_code({line.wanted for line in lines})
    for line in lines:
        product = products.get(line.wanted)
        add_line(
            request_ref=ref,
            product_ref=product.ref if product else None,
            text="" if product else line.wanted,
            quantity=line.quantity,
            unit=line.unit or (product.unit if product else ""),
            needed_from=line.needed_from,
            needed_to=line.needed_to,
            tolerance=line.tolerance,
            ceiling=None if line.ceiling is None else Rate(line.ceiling, currency),
            region=line.region,
            curve=line.curve,
            substitutes_allowed=line.substitutes_allowed,
            by=by,
            at=at,
        )
    return ref
