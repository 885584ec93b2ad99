"""An auction for the tests: Teng and Shen have bid for Lin's and Bao's pumps, in a tender that is auctioned."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from procurement.tenders import models
from procurement.tenders import use_cases as tenders
from tests.procurement.tenders.scene import HUA, OPENING, WEI, Market, lots_of

PLANNED = OPENING + timedelta(hours=1)
STARTS = PLANNED + timedelta(hours=1)
SECOND = timedelta(seconds=1)


def opened(market: Market, *pool_refs: str, **given: Any) -> str:
    """Return a tender to be auctioned: Teng asks 12.5 for a pump, Shen 12.2."""
    offers: dict[str, Any] = {"teng": [(1, None, "12.5")], "shen": [(1, None, "12.2")]}
    return market.opened(*pool_refs, procedure="auction", **{**offers, **given})


def planned(tender_ref: str, **given: Any) -> str:
    """Plan the auction of a tender's first lot in steps of 0.1; return its ref."""
    known: dict[str, Any] = {"lot_ref": lots_of(tender_ref)[0], "starts_at": STARTS, "step": Decimal("0.1")}
    return tenders.start_auction(**{**known, "by": WEI, "at": PLANNED, **given})


def running(market: Market, **given: Any) -> str:
    """Return an auction that has just begun, at STARTS: Teng, who is dearer, moves first."""
    ref = planned(opened(market), **given)
    tenders.advance_auction(auction_ref=ref, at=STARTS)
    return ref


def move(ref: str, supplier: str, price: str | None, at: datetime, **given: Any) -> int:
    """Bid, or stay without a price."""
    if price is None:
        return tenders.pass_turn(auction_ref=ref, supplier_ref=supplier, by="user:teng", at=at, **given)
    return tenders.place_auction_bid(
        auction_ref=ref, supplier_ref=supplier, price=Decimal(price), by="user:teng", at=at, **given
    )


def auction(ref: str) -> models.Auction:
    """Return the row of an auction."""
    return models.Auction.objects.select_related("tender", "lot").get(ref=ref)


def played(market: Market, ref: str) -> datetime:
    """Play an auction out: Teng comes down to 12.1 and 11.9, Shen to 12.0; return when it ended."""
    at = STARTS
    for supplier, price in (
        (market.teng, "12.1"),
        (market.shen, "12.0"),
        (market.teng, "11.9"),
        (market.shen, None),
        (market.shen, None),
        (market.teng, None),
    ):
        at += SECOND
        move(ref, supplier, price, at)
    return at


__all__ = ["HUA", "PLANNED", "SECOND", "STARTS", "auction", "move", "opened", "planned", "played", "running"]
