"""What happens to tenders. No fact before opening tells of a bid, nor how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class TenderPublished:
    """Suppliers may bid until `bids_until`."""

    tender_ref: str
    bids_until: datetime
    lots: int


@dataclass(frozen=True)
class TenderAmended:
    """A published tender changed: bids are taken until `bids_until`; `changes_terms`: another thing is bid for."""

    tender_ref: str
    amendment_ref: str
    summary: str
    bids_until: datetime
    changes_terms: bool


@dataclass(frozen=True)
class QuestionAsked:
    """Somebody asked about a tender; nobody is told who."""

    tender_ref: str
    question_ref: str


@dataclass(frozen=True)
class QuestionAnswered:
    """A question about a tender was answered, for all who may bid."""

    tender_ref: str
    question_ref: str
    question: str
    answer: str


@dataclass(frozen=True)
class InvitationDeclined:
    """An invited supplier does not want to bid."""

    tender_ref: str
    invitation_ref: str
    supplier_ref: str
    why: str


@dataclass(frozen=True)
class TenderClosed:
    """The box is shut; `receipts_root` binds every bid in it."""

    tender_ref: str
    receipts_root: str


@dataclass(frozen=True)
class HolderKeyConfirmed:
    """From here on shares are sealed to this key; `replaced` is the holder's ref before, if there was one."""

    holder_ref: str
    public_key: str
    replaced: str


@dataclass(frozen=True)
class ShareHandedIn:
    """A key holder gave its share at the opening: so many of those that are needed are in."""

    tender_ref: str
    holder_ref: str
    given: int
    needed: int


@dataclass(frozen=True)
class TenderOpened:
    """The bids were decrypted and checked; `rejected` of them could not stand."""

    tender_ref: str
    bids: int
    rejected: int


@dataclass(frozen=True)
class AuctionPlanned:
    """Those whose bids stand may underbid one another from `starts_at` on."""

    tender_ref: str
    lot_ref: str
    auction_ref: str
    starts_at: datetime


@dataclass(frozen=True)
class AuctionEnded:
    """The last turn of an auction is over; it had so many steps."""

    tender_ref: str
    lot_ref: str
    auction_ref: str
    steps: int


@dataclass(frozen=True)
class AuctionCalledOff:
    """An auction does not take place, or its tender came to nothing."""

    tender_ref: str
    lot_ref: str
    auction_ref: str
    why: str


@dataclass(frozen=True)
class AwardedLine:
    """What one supplier delivers of one lot to one pool, at its own price of goods and freight a unit."""

    lot_ref: str
    supplier_ref: str
    region: str
    pool_ref: str
    product_id: int
    quantity: Decimal
    unit_price: Decimal
    freight: Decimal
    currency: str


@dataclass(frozen=True)
class AwardDecided:
    """An award is decided and stands still until `standstill_until`: it binds nobody yet."""

    tender_ref: str
    award_ref: str
    standstill_until: datetime


@dataclass(frozen=True)
class TenderAwarded:
    """The award stands after its standstill: orders may be placed."""

    tender_ref: str
    award_ref: str
    lines: list[AwardedLine]


@dataclass(frozen=True)
class ComplaintLodged:
    """A bidder objects to an award: no contract until it is decided."""

    tender_ref: str
    complaint_ref: str


@dataclass(frozen=True)
class ComplaintDecided:
    """Two persons decided a complaint: `uphold` or `dismiss`, and what follows from it."""

    tender_ref: str
    complaint_ref: str
    outcome: str
    remedy: str


@dataclass(frozen=True)
class AwardSetAside:
    """An award does not stand: the tender is evaluated anew."""

    tender_ref: str
    complaint_ref: str


@dataclass(frozen=True)
class BondForfeited:
    """A winner refused its contract: its bid bond is kept."""

    tender_ref: str
    bond_ref: str
    supplier_ref: str
    amount_minor: int
    currency: str
    why: str


@dataclass(frozen=True)
class TenderFailed:
    """Nobody delivers: its pools have failed."""

    tender_ref: str
    why: str


@dataclass(frozen=True)
class TenderCancelled:
    """Two persons called it off."""

    tender_ref: str
    why: str
