"""The lives of shipments and receipts."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class ShipmentState(StrEnum):
    DISPATCHED = "dispatched"
    ARRIVED = "arrived"
    CLOSED = "closed"


SHIPMENT = Machine(
    "shipment",
    {
        (ShipmentState.DISPATCHED, "arrive"): ShipmentState.ARRIVED,
        (ShipmentState.ARRIVED, "close"): ShipmentState.CLOSED,
    },
)


class ReceiptState(StrEnum):
    AWAITING = "awaiting"
    ACCEPTED = "accepted"
    PART_REJECTED = "part_rejected"


RECEIPT = Machine(
    "receipt",
    {
        (ReceiptState.AWAITING, "accept"): ReceiptState.ACCEPTED,
        (ReceiptState.AWAITING, "reject_part"): ReceiptState.PART_REJECTED,
    },
)
