"""The life cycles of a tender, of a sealed bid and of a wish to award against the engine."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class TenderState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    OPENED = "opened"
    EVALUATED = "evaluated"
    AWARDED = "awarded"
    CONTRACTED = "contracted"
    CANCELLED = "cancelled"
    FAILED = "failed"


class BidState(StrEnum):
    SEALED = "sealed"
    WITHDRAWN = "withdrawn"
    OPENED = "opened"
    REJECTED = "rejected"


class OverrideState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


_T, _B = TenderState, BidState

# Two persons cancel: one asks, which leaves the tender where it is, and another agrees.
_MAY_END = (_T.DRAFT, _T.PUBLISHED, _T.CLOSED, _T.OPENED, _T.AWARDED)

TENDER = Machine(
    "tender",
    {
        (_T.DRAFT, "publish"): _T.PUBLISHED,
        (_T.PUBLISHED, "close"): _T.CLOSED,
        (_T.CLOSED, "open"): _T.OPENED,
        (_T.OPENED, "evaluate"): _T.EVALUATED,
        (_T.OPENED, "fail"): _T.FAILED,
        (_T.EVALUATED, "award"): _T.AWARDED,
        (_T.EVALUATED, "fail"): _T.FAILED,
        (_T.AWARDED, "conclude"): _T.CONTRACTED,
        (_T.OPENED, "ask_to_override"): _T.OPENED,
        **{(state, "ask_to_cancel"): state for state in _MAY_END},
        **{(state, "cancel"): _T.CANCELLED for state in _MAY_END},
    },
)

BID = Machine(
    "bid",
    {
        (_B.SEALED, "replace"): _B.SEALED,
        (_B.SEALED, "withdraw"): _B.WITHDRAWN,
        (_B.WITHDRAWN, "seal"): _B.SEALED,
        (_B.SEALED, "open"): _B.OPENED,
        (_B.SEALED, "reject"): _B.REJECTED,
    },
)

OVERRIDE = Machine(
    "override",
    {
        (OverrideState.ASKED, "approve"): OverrideState.APPROVED,
        (OverrideState.ASKED, "refuse"): OverrideState.REFUSED,
    },
)

# A tender that still holds its pools: they stand in no other tender.
LIVE = tuple(state.value for state in TenderState if state not in {_T.CANCELLED, _T.FAILED})
# Bids may be looked at from here on.
OPEN_TO_READ = tuple(state.value for state in (_T.OPENED, _T.EVALUATED, _T.AWARDED, _T.CONTRACTED, _T.FAILED))
