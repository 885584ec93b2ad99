"""The life of a purchase order."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class OrderState(StrEnum):
    PLACED = "placed"
    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    RECEIVED = "received"
    INVOICED = "invoiced"
    CLOSED = "closed"


ORDER = Machine(
    "order",
    {
        (OrderState.PLACED, "acknowledge"): OrderState.ACKNOWLEDGED,
        (OrderState.PLACED, "decline"): OrderState.DECLINED,
        (OrderState.ACKNOWLEDGED, "ship_part"): OrderState.PART_SHIPPED,
        (OrderState.ACKNOWLEDGED, "ship"): OrderState.SHIPPED,
        (OrderState.PART_SHIPPED, "ship_part"): OrderState.PART_SHIPPED,
        (OrderState.PART_SHIPPED, "ship"): OrderState.SHIPPED,
        (OrderState.PART_SHIPPED, "receive"): OrderState.RECEIVED,
        (OrderState.SHIPPED, "receive"): OrderState.RECEIVED,
        (OrderState.RECEIVED, "invoice"): OrderState.INVOICED,
        (OrderState.INVOICED, "close"): OrderState.CLOSED,
    },
)
