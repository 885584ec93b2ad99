"""What tenders look after by themselves: boxes that are due to be shut, awards that stood still long enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from marketplace.events.registry import Fact, handles, sweeps
from marketplace.kernel.refusals import IllegalMove, StaleWrite
from procurement.tenders import queries, use_cases

CLOCK = "system:tenders"


@sweeps
def look_after_tenders(at: datetime) -> int:
    """Close the tenders whose time has come and conclude the awards whose standstill is over; return how many.

    Key shares that waited a day for others are erased; turns of auctions whose time is over end.
    """
    _each(queries.due_auctions(at), lambda ref: use_cases.advance_auction(auction_ref=ref, by=CLOCK, at=at))
    _each(queries.sessions_run_out(at), lambda ref: use_cases.give_back_shares(tender_ref=ref, by=CLOCK, at=at))
    closed = _each(queries.due_to_close(at), lambda ref: use_cases.close_tender(tender_ref=ref, by=CLOCK, at=at))
    return closed + _each(
        queries.due_to_conclude(at), lambda ref: use_cases.conclude_tender(tender_ref=ref, by=CLOCK, at=at)
    )


def _each(refs: Iterable[str], deed: Callable[[str], object]) -> int:
    """Do it for each; what a twin did first is done."""
    done = 0
    for ref in refs:
        try:
            deed(ref)
            done += 1
        except (IllegalMove, StaleWrite):
            continue
    return done


@handles("TenderOpened")
def screen_opened(fact: Fact) -> None:
    """Look at the bids a second time as soon as they are opened; what is found blocks nothing."""
    use_cases.screen_tender(tender_ref=fact.payload["tender_ref"], by=CLOCK, at=fact.at)
