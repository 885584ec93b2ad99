"""The lives of frameworks, call-offs, orders and their changes."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class OrderState(StrEnum):
    PLACED = "placed"
    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    CANCELLED = "cancelled"
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
        (OrderState.PLACED, "change"): OrderState.PLACED,
        (OrderState.ACKNOWLEDGED, "change"): OrderState.ACKNOWLEDGED,
        (OrderState.PART_SHIPPED, "change"): OrderState.PART_SHIPPED,
        (OrderState.PLACED, "cancel"): OrderState.CANCELLED,
        (OrderState.ACKNOWLEDGED, "cancel"): OrderState.CANCELLED,
        (OrderState.ACKNOWLEDGED, "ship_part"): OrderState.PART_SHIPPED,
        (OrderState.ACKNOWLEDGED, "ship"): OrderState.SHIPPED,
        (OrderState.PART_SHIPPED, "ship_part"): OrderState.PART_SHIPPED,
        (OrderState.PART_SHIPPED, "ship"): OrderState.SHIPPED,
        (OrderState.PART_SHIPPED, "receive"): OrderState.RECEIVED,
        (OrderState.SHIPPED, "receive"): OrderState.RECEIVED,
        (OrderState.RECEIVED, "invoice"): OrderState.INVOICED,
        (OrderState.RECEIVED, "close_unpaid"): OrderState.CLOSED,
        (OrderState.INVOICED, "close"): OrderState.CLOSED,
    },
)

# An order of which nothing will come: its lines supply no pool.
VOID = (OrderState.DECLINED.value, OrderState.CANCELLED.value)
# An order that may still be changed: part of it is still to be sent.
CHANGEABLE = (OrderState.PLACED.value, OrderState.ACKNOWLEDGED.value, OrderState.PART_SHIPPED.value)


class FrameworkState(StrEnum):
    OFFERED = "offered"
    AGREED = "agreed"
    DECLINED = "declined"
    SUSPENDED = "suspended"
    ENDED = "ended"


FRAMEWORK = Machine(
    "framework",
    {
        (FrameworkState.OFFERED, "agree"): FrameworkState.AGREED,
        (FrameworkState.OFFERED, "decline"): FrameworkState.DECLINED,
        (FrameworkState.AGREED, "suspend"): FrameworkState.SUSPENDED,
        (FrameworkState.SUSPENDED, "resume"): FrameworkState.AGREED,
        (FrameworkState.OFFERED, "end"): FrameworkState.ENDED,
        (FrameworkState.AGREED, "end"): FrameworkState.ENDED,
        (FrameworkState.SUSPENDED, "end"): FrameworkState.ENDED,
    },
)


class CallOffState(StrEnum):
    CALLED = "called"
    RETURNED = "returned"


CALL_OFF = Machine(
    "call-off",
    {
        (CallOffState.CALLED, "lower"): CallOffState.CALLED,
        (CallOffState.CALLED, "give_back"): CallOffState.RETURNED,
    },
)


class ChangeState(StrEnum):
    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


CHANGE = Machine(
    "change",
    {
        (ChangeState.PROPOSED, "agree"): ChangeState.AGREED,
        (ChangeState.PROPOSED, "support"): ChangeState.PROPOSED,
        (ChangeState.PROPOSED, "decline"): ChangeState.DECLINED,
        (ChangeState.PROPOSED, "withdraw"): ChangeState.WITHDRAWN,
        (ChangeState.PROPOSED, "lapse"): ChangeState.LAPSED,
    },
)
