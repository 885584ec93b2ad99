"""The life of a payment order."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class PaymentState(StrEnum):
    CREATED = "created"
    SENT = "sent"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    SETTLED = "settled"
    REJECTED = "rejected"


PAYMENT = Machine(
    "payment",
    {
        (PaymentState.CREATED, "send"): PaymentState.SENT,
        (PaymentState.SENT, "accept"): PaymentState.ACCEPTED,
        (PaymentState.SENT, "settle"): PaymentState.SETTLED,
        (PaymentState.SENT, "reject"): PaymentState.REJECTED,
        (PaymentState.SENT, "lose"): PaymentState.UNKNOWN,
        (PaymentState.UNKNOWN, "accept"): PaymentState.ACCEPTED,
        (PaymentState.UNKNOWN, "settle"): PaymentState.SETTLED,
        (PaymentState.UNKNOWN, "reject"): PaymentState.REJECTED,
        (PaymentState.ACCEPTED, "settle"): PaymentState.SETTLED,
        (PaymentState.ACCEPTED, "reject"): PaymentState.REJECTED,
        # Only on the bank's own word that it holds nothing under the key.
        (PaymentState.SENT, "repeat"): PaymentState.SENT,
        (PaymentState.UNKNOWN, "repeat"): PaymentState.SENT,
    },
)
UNDER_WAY = (PaymentState.SENT.value, PaymentState.UNKNOWN.value, PaymentState.ACCEPTED.value)
ENDED = (PaymentState.SETTLED.value, PaymentState.REJECTED.value)
