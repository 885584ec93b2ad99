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


class HolderState(StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    REPLACED = "replaced"
    RETIRED = "retired"
    REFUSED = "refused"


class ShareState(StrEnum):
    NAMED = "named"
    DEALT = "dealt"
    KEPT = "kept"
    HANDED_IN = "handed_in"
    SPENT = "spent"


class BidState(StrEnum):
    SEALED = "sealed"
    WITHDRAWN = "withdrawn"
    OPENED = "opened"
    REJECTED = "rejected"


class QuestionState(StrEnum):
    ASKED = "asked"
    ANSWERED = "answered"
    SET_ASIDE = "set_aside"


class AmendmentState(StrEnum):
    PROPOSED = "proposed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class InvitationState(StrEnum):
    INVITED = "invited"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ComplaintState(StrEnum):
    LODGED = "lodged"
    PROPOSED = "proposed"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class BondState(StrEnum):
    LODGED = "lodged"
    RELEASED = "released"
    FORFEITED = "forfeited"


class AuctionState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"
    CALLED_OFF = "called_off"


_T, _B, _H, _S = TenderState, BidState, HolderState, ShareState
_Q, _A, _I, _C, _BB = QuestionState, AmendmentState, InvitationState, ComplaintState, BondState
_AU = AuctionState


class OverrideState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


# Two persons cancel: one asks, which leaves the tender where it is, and another agrees.
_MAY_END = (_T.DRAFT, _T.PUBLISHED, _T.CLOSED, _T.OPENED, _T.AWARDED)

TENDER = Machine(
    "tender",
    {
        (_T.DRAFT, "name_holders"): _T.DRAFT,
        (_T.DRAFT, "edit"): _T.DRAFT,
        (_T.DRAFT, "publish"): _T.PUBLISHED,
        (_T.PUBLISHED, "close"): _T.CLOSED,
        (_T.CLOSED, "open"): _T.OPENED,
        (_T.OPENED, "evaluate"): _T.EVALUATED,
        (_T.OPENED, "fail"): _T.FAILED,
        (_T.EVALUATED, "award"): _T.AWARDED,
        (_T.EVALUATED, "fail"): _T.FAILED,
        (_T.AWARDED, "conclude"): _T.CONTRACTED,
        (_T.PUBLISHED, "amend"): _T.PUBLISHED,
        (_T.AWARDED, "object"): _T.AWARDED,
        (_T.AWARDED, "settle_complaint"): _T.AWARDED,
        (_T.AWARDED, "re_evaluate"): _T.OPENED,
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

# A person's key, by which shares are sealed to that person: one proposes it, another confirms it.
HOLDER = Machine(
    "key_holder",
    {
        (_H.PROPOSED, "confirm"): _H.ACTIVE,
        (_H.PROPOSED, "refuse"): _H.REFUSED,
        (_H.ACTIVE, "replace"): _H.REPLACED,
        (_H.ACTIVE, "retire"): _H.RETIRED,
    },
)

# One share of a tender's key. Given back: the session came to nothing, and what was handed in is erased.
SHARE = Machine(
    "key_share",
    {
        (_S.NAMED, "deal"): _S.DEALT,
        (_S.DEALT, "acknowledge"): _S.KEPT,
        (_S.DEALT, "hand_in"): _S.HANDED_IN,
        (_S.KEPT, "hand_in"): _S.HANDED_IN,
        (_S.HANDED_IN, "give_back"): _S.KEPT,
        **{(state, "spend"): _S.SPENT for state in (_S.NAMED, _S.DEALT, _S.KEPT, _S.HANDED_IN)},
    },
)

QUESTION = Machine("question", {(_Q.ASKED, "answer"): _Q.ANSWERED, (_Q.ASKED, "set_aside"): _Q.SET_ASIDE})

# Two persons amend: one proposes, another publishes what stands unchanged.
AMENDMENT = Machine("amendment", {(_A.PROPOSED, "publish"): _A.PUBLISHED, (_A.PROPOSED, "withdraw"): _A.WITHDRAWN})

INVITATION = Machine("invitation", {(_I.INVITED, "decline"): _I.DECLINED, (_I.INVITED, "withdraw"): _I.WITHDRAWN})

# Two persons decide: one proposes how, another agrees.
COMPLAINT = Machine(
    "complaint",
    {
        (_C.LODGED, "propose"): _C.PROPOSED,
        (_C.PROPOSED, "propose"): _C.PROPOSED,
        (_C.PROPOSED, "uphold"): _C.UPHELD,
        (_C.PROPOSED, "dismiss"): _C.DISMISSED,
        **{(state, "withdraw"): _C.WITHDRAWN for state in (_C.LODGED, _C.PROPOSED)},
        **{(state, "lapse"): _C.LAPSED for state in (_C.LODGED, _C.PROPOSED)},
    },
)

BOND = Machine("bid bond", {(_BB.LODGED, "release"): _BB.RELEASED, (_BB.LODGED, "forfeit"): _BB.FORFEITED})

# The steps of a running auction are rows of their own; a running one is called off only with its tender.
AUCTION = Machine(
    "auction",
    {
        (_AU.PLANNED, "begin"): _AU.RUNNING,
        (_AU.RUNNING, "end"): _AU.ENDED,
        **{(state, "call_off"): _AU.CALLED_OFF for state in (_AU.PLANNED, _AU.RUNNING)},
    },
)

# A complaint that keeps the contract from being concluded.
OPEN_COMPLAINT = (_C.LODGED.value, _C.PROPOSED.value)
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
