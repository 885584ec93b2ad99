"""What several parts of a release are written with."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any


def instant(at: datetime) -> str:
    """Return an instant as the standard writes it, in UTC to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def amount(value: Decimal, currency: str) -> dict[str, Any]:
    """Return an amount of money as the standard writes it."""
    return {"amount": value, "currency": currency}


def item(
    ident: str,
    *,
    lot: str,
    description: str,
    product: tuple[str, str] | None,
    quantity: Decimal,
    unit: str,
    price: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return so much of a product; `product` is its code and that of its category, `price` of one unit."""
    written: dict[str, Any] = {"id": ident, "description": description, "relatedLot": lot, "quantity": quantity}
    if product is not None:
        written["classification"] = {"scheme": "x_jicai_category", "id": product[1], "description": product[1]}
        written["additionalClassifications"] = [{"scheme": "x_jicai_product", "id": product[0]}]
    measure: dict[str, Any] = {"scheme": "UNCEFACT", "id": unit} if unit else {}
    if price is not None:
        measure["value"] = price
    if measure:
        written["unit"] = measure
    return written
