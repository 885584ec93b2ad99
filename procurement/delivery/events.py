"""What happens to deliveries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ShipmentDispatched:
    shipment_ref: str
    order_ref: str


@dataclass(frozen=True)
class ShipmentArrived:
    shipment_ref: str
    order_ref: str


@dataclass(frozen=True)
class ReceiptConfirmed:
    receipt_ref: str
    buyer_ref: str


@dataclass(frozen=True)
class PoolBilled:
    pool_ref: str
    goods_minor: int
    freight_minor: int
    fee_minor: int
    currency: str
