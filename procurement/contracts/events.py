"""What happens to orders."""

from __future__ import annotations

from dataclasses import dataclass


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
