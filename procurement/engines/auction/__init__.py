"""A reverse auction in rounds of turns, as a pure fold over an append-only record of events.

No clock, no database, no chance: `follow` takes one event after another, `replay` all of a record; the same record
gives the same result, always. docs/algorithms/auction.md works one by hand.
"""

from procurement.engines.auction.document import (
    Record,
    read_record,
    read_terms,
    result_of,
    write_event,
    write_record,
    write_terms,
)
from procurement.engines.auction.play import State, begin, follow, replay
from procurement.engines.auction.refusals import (
    AuctionBegun,
    AuctionOver,
    BadPrice,
    NoSuchBidder,
    NotBegun,
    NotLowEnough,
    NotYourTurn,
    TimeRunsBack,
    TurnOver,
    TurnRuns,
)
from procurement.engines.auction.terms import BEGAN, BID, KINDS, STAYED, TIMED_OUT, Bidder, Event, Terms

__all__ = [
    "BEGAN",
    "BID",
    "KINDS",
    "STAYED",
    "TIMED_OUT",
    "AuctionBegun",
    "AuctionOver",
    "BadPrice",
    "Bidder",
    "Event",
    "NoSuchBidder",
    "NotBegun",
    "NotLowEnough",
    "NotYourTurn",
    "Record",
    "State",
    "Terms",
    "TimeRunsBack",
    "TurnOver",
    "TurnRuns",
    "begin",
    "follow",
    "read_record",
    "read_terms",
    "replay",
    "result_of",
    "write_event",
    "write_record",
    "write_terms",
]
