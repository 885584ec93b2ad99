"""What of an order anybody may know, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class PublicOrderLine:
    """So much of a lot for a region, all members together."""

    lot_ref: str
    product_id: int
    unit: str
    region: str
    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True)
class PublicOrder:
    """An order; `days` are those by whose end something is to be sent."""

    ref: str
    supplier_ref: str
    award_ref: str
    tender_ref: str
    currency: str
    total_minor: int
    placed_at: datetime
    due_on: date
    days: tuple[date, ...]
    lines: tuple[PublicOrderLine, ...]
