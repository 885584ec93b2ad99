"""The life of a hold: pending until it is resolved, once."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class HoldState(StrEnum):
    PENDING = "pending"
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"


HOLD = Machine(
    "hold",
    {
        (HoldState.PENDING, "post"): HoldState.POSTED,
        (HoldState.PENDING, "void"): HoldState.VOIDED,
        (HoldState.PENDING, "expire"): HoldState.EXPIRED,
    },
)
