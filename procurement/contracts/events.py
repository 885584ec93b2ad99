"""What happens to frameworks and orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class OrderPlaced:
    order_ref: str
    supplier_ref: str
    currency: str
    total_minor: int


@dataclass(frozen=True)
class OrderAcknowledged:
    order_ref: str
    supplier_ref: str


@dataclass(frozen=True)
class OrderDeclined:
    order_ref: str
    supplier_ref: str
    why: str


@dataclass(frozen=True)
class OrderReceived:
    order_ref: str
    supplier_ref: str


@dataclass(frozen=True)
class OrderClosed:
    order_ref: str


@dataclass(frozen=True)
class OrderCancelled:
    """Both sides agreed that nothing of it comes."""

    order_ref: str
    supplier_ref: str
    why: str


@dataclass(frozen=True)
class OrderChanged:
    """Both sides agreed on other quantities, prices or days."""

    order_ref: str
    change_ref: str
    total_minor: int
    currency: str


@dataclass(frozen=True)
class FrameworkAgreed:
    framework_ref: str
    supplier_ref: str


@dataclass(frozen=True)
class PoolCalledOff:
    """A pool is served from a framework; quantities in the pool's unit."""

    call_off_ref: str
    framework_ref: str
    pool_ref: str
    quantity: Decimal
    unit_price: Decimal
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class DeliveryLate:
    """The day of a delivery is over and not all of it was sent."""

    order_ref: str
    due_on: date
    missing: Decimal
