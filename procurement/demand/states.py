"""The life cycles of purchase requests, of their lines, and of the products suggested for lines in words."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class RequestState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class LineState(StrEnum):
    OPEN = "open"
    POOLED = "pooled"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class SuggestionState(StrEnum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


_R, _L, _S = RequestState, LineState, SuggestionState

REQUEST = Machine(
    "purchase request",
    {
        (_R.DRAFT, "submit"): _R.SUBMITTED,
        (_R.DRAFT, "cancel"): _R.CANCELLED,
        (_R.SUBMITTED, "approve"): _R.APPROVED,
        (_R.SUBMITTED, "send_back"): _R.DRAFT,
        (_R.SUBMITTED, "cancel"): _R.CANCELLED,
        (_R.APPROVED, "close"): _R.CLOSED,
        (_R.APPROVED, "cancel"): _R.CANCELLED,
        (_R.APPROVED, "expire"): _R.EXPIRED,
    },
)

LINE = Machine(
    "request line",
    {
        (_L.OPEN, "pool"): _L.POOLED,
        (_L.OPEN, "cancel"): _L.CANCELLED,
        (_L.POOLED, "release"): _L.OPEN,
        (_L.POOLED, "order"): _L.ORDERED,
        (_L.ORDERED, "release"): _L.OPEN,
        (_L.ORDERED, "deliver"): _L.DELIVERED,
    },
)

SUGGESTION = Machine(
    "match suggestion",
    {
        (_S.WAITING, "confirm"): _S.CONFIRMED,
        (_S.WAITING, "reject"): _S.REJECTED,
        (_S.WAITING, "supersede"): _S.SUPERSEDED,
    },
)


def origins(target: str) -> list[str]:
    """Return the line states from which one step leads to `target`."""
    return [str(origin) for (origin, _), after in LINE.moves.items() if after == target]
