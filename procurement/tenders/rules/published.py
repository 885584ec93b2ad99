"""What of a tender anybody may know, as values: each with the instant from which on it is public."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class PublicLot:
    """A lot: what each region wants of it, in `unit`."""

    ref: str
    position: int
    description: str
    product_id: int | None
    unit: str
    regions: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class PublicPaper:
    """A paper of the tender: its digest, never its content."""

    ref: str
    title: str
    file_name: str
    kind: str
    size: int
    sha256: str
    since: datetime


@dataclass(frozen=True)
class PublicAnswer:
    """A question in its published wording, and the answer; nobody learns who asked, nor when."""

    ref: str
    question: str
    answer: str
    at: datetime


@dataclass(frozen=True)
class PublicAmendment:
    """What was amended; `bids_until` is empty where the closing time stayed."""

    ref: str
    summary: str
    at: datetime
    bids_until_before: datetime
    bids_until: datetime | None


@dataclass(frozen=True)
class PublicBids:
    """How many bids were opened at `at`, and how many of them could not stand."""

    at: datetime
    opened: int
    rejected: int


@dataclass(frozen=True)
class PublicWin:
    """What one supplier delivers of a lot to a region, at its price of goods and freight a unit."""

    lot_ref: str
    region: str
    supplier_ref: str
    quantity: Decimal
    unit_price: Decimal
    freight: Decimal


@dataclass(frozen=True)
class PublicAward:
    """An award with its wins; `lots_without` are those nobody won of, each with whether a bid stood for it.

    `override_cost_minor` is what two persons' award against the engine costs more; None for the engine's own.
    """

    ref: str
    at: datetime
    wins: tuple[PublicWin, ...]
    lots_without: tuple[tuple[str, bool], ...]
    bound_minor: int
    override_cost_minor: int | None
    proved: bool
    set_aside_at: datetime | None


@dataclass(frozen=True)
class PublicTender:
    """A tender as its open data tells it. `bids_until` is the closing time in force; see `closing_time`.

    `scored` says whether merit counts beside the price.
    """

    ref: str
    title: str
    currency: str
    procedure: str
    scored: bool
    invited: bool
    published_at: datetime | None
    bids_until: datetime
    questions_until: datetime | None
    opened_at: datetime | None
    standstill_until: datetime | None
    root: str
    root_signature: bytes
    terms_sha256: str
    retender_of: str
    lots: tuple[PublicLot, ...]
    papers: tuple[PublicPaper, ...] = ()
    answers: tuple[PublicAnswer, ...] = ()
    amendments: tuple[PublicAmendment, ...] = ()
    bids: PublicBids | None = None
    awards: tuple[PublicAward, ...] = field(default=())

    def closing_time(self, at: datetime) -> datetime:
        """Return the closing time as it stood at `at`."""
        later = [one for one in self.amendments if one.at > at and one.bids_until is not None]
        return min(later, key=lambda one: one.at).bids_until_before if later else self.bids_until
