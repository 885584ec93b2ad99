"""What treasury tells others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PaymentSettled:
    """The bank has paid, or has collected."""

    payment_ref: str
    source_ref: str
    direction: str
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class PaymentRejected:
    """The bank has refused; what was owed before is owed again."""

    payment_ref: str
    source_ref: str
    direction: str
    amount_minor: int
    currency: str
    reason: str
