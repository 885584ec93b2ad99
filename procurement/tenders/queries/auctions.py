"""What may be asked about auctions, and by whom. Names are masked at every door until the tender's last one is over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import Refusal
from marketplace.parties import queries as parties
from procurement.engines.auction import Event, State, read_terms, replay, write_event, write_record
from procurement.engines.reading import Page
from procurement.tenders import models
from procurement.tenders.queries.reading import tenders_for
from procurement.tenders.rules.auctioning import lowered, name_of, number_of
from procurement.tenders.rules.offers import Tier
from procurement.tenders.rules.proofs import record_text
from procurement.tenders.rules.sealing import receipt_key
from procurement.tenders.states import AuctionState, TenderState

LIVE_AUCTION = (AuctionState.PLANNED.value, AuctionState.RUNNING.value)


@dataclass(frozen=True)
class SeatView:
    """One bidder as the asker may see it, best first.

    weighed  what its price counts as: price / coefficient + addition, exactly
    name     the firm's, once all auctions of the tender are over; '' before
    """

    rank: int
    number: int
    price: Decimal
    opening: Decimal
    coefficient: Fraction
    addition: Fraction
    weighed: Fraction
    mine: bool
    name: str


@dataclass(frozen=True)
class AuctionView:
    """An auction as the asker may see it.

    round    1 .. rounds, 0 before it begins
    turn_of  the bidder who moves now, None when nobody does; `order`: who moves in this round, worst first
    due_at   when the turn is over by itself, before the beginning when that may be
    mine     the asker's own number, None where it takes no part; `at_most` the highest price it may name next
    """

    ref: str
    state: str
    steps: int
    round: int
    rounds: int
    step: Decimal
    turn_seconds: int
    turn_of: int | None
    due_at: datetime | None
    order: tuple[int, ...]
    seats: tuple[SeatView, ...]
    history: tuple[dict[str, Any], ...]
    mine: int | None
    at_most: Decimal | None

    @property
    def my_turn(self) -> bool:
        return self.mine is not None and self.turn_of == self.mine


def auctions_for(actor: Actor) -> QuerySet[models.Auction]:
    """Return the auctions of tenders the actor may look at; staff see all."""
    rows = models.Auction.objects.select_related("tender", "lot").order_by("-id")
    return rows if actor.staff else rows.filter(tender__in=tenders_for(actor))


def public_auctions() -> QuerySet[models.Auction]:
    """Return all auctions: anybody may look on, at masked names."""
    return models.Auction.objects.select_related("tender", "lot").order_by("-id")


def state_of(auction: models.Auction) -> State:
    """Return how the auction stands, from its terms and its events alone."""
    return replay(read_terms(Page("terms", auction.terms)), events_of(auction))


def events_of(auction: models.Auction) -> list[Event]:
    """Return the steps of an auction, in order."""
    rows = models.AuctionEvent.objects.filter(auction=auction).order_by("number")
    return [Event(row.kind, row.at, name_of(row.bidder) if row.bidder else "", row.price) for row in rows]


def seat_of(auction: models.Auction, supplier_ref: str) -> int | None:
    """Return under which number this firm takes part, None where it does not."""
    found = models.AuctionSeat.objects.filter(auction=auction, supplier_ref=supplier_ref) if supplier_ref else None
    return None if found is None else found.values_list("number", flat=True).first()


def names_of(auction: models.Auction) -> dict[int, str]:
    """Return whose the numbers were, once all auctions of the tender are over; nothing before."""
    if auction.state != AuctionState.ENDED or auction.tender.auctions_left:
        return {}
    rows = dict(models.AuctionSeat.objects.filter(auction=auction).values_list("number", "supplier_ref"))
    firms = parties.organisations(rows.values())
    return {number: firms[ref].legal_name if ref in firms else ref for number, ref in rows.items()}


def auction_view(auction: models.Auction, actor: Actor) -> AuctionView:
    """Return the auction as this actor may see it."""
    events = events_of(auction)
    state = replay(read_terms(Page("terms", auction.terms)), events)
    mine, names = seat_of(auction, actor.organisation), names_of(auction)
    runs = auction.state in LIVE_AUCTION
    return AuctionView(
        ref=auction.ref,
        state=auction.state,
        steps=auction.steps,
        round=min(state.round, state.terms.rounds),
        rounds=state.terms.rounds,
        step=state.terms.step,
        turn_seconds=state.terms.turn_seconds,
        turn_of=number_of(state.mover or "") if runs else None,
        due_at=state.due if runs else None,
        order=tuple(number for one in state.order if (number := number_of(one))),
        seats=_seats(state, mine, names),
        history=tuple(masked_step(number, one) for number, one in enumerate(events, start=1)),
        mine=mine,
        at_most=state.at_most(name_of(mine)) if mine and runs else None,
    )


def _seats(state: State, mine: int | None, names: Mapping[int, str]) -> tuple[SeatView, ...]:
    found = []
    for rank, name in enumerate(state.ranking(), start=1):
        bidder, number, price = state.terms.bidder(name), number_of(name), state.prices[name]
        if bidder is not None and number is not None:
            found.append(
                SeatView(
                    rank,
                    number,
                    price,
                    bidder.opening,
                    bidder.coefficient,
                    bidder.addition,
                    bidder.weighed(price),
                    number == mine,
                    names.get(number, ""),
                )
            )
    return tuple(found)


def masked_step(number: int, event: Event) -> dict[str, Any]:
    """Return one step as anybody may read it."""
    return {**write_event(number, event), "bidder": number_of(event.bidder)}


def steps_after(ref: str, number: int) -> list[dict[str, Any]]:
    """Return the steps after the one numbered so, as anybody may read them."""
    rows = models.AuctionEvent.objects.filter(auction__ref=ref, number__gt=number).order_by("number")
    return [
        masked_step(row.number, Event(row.kind, row.at, name_of(row.bidder) if row.bidder else "", row.price))
        for row in rows
    ]


def pulse_of(ref: str) -> tuple[str, int, datetime | None] | None:
    """Return the state of an auction, how many steps it has and when it is due: one short query."""
    return models.Auction.objects.filter(ref=ref).values_list("state", "steps", "due_at").first()


def about(auction: models.Auction) -> dict[str, Any]:
    """Return what a record says beside terms and events: of what the auction is."""
    return {
        "auction": auction.ref,
        "tender": auction.tender.ref,
        "lot": auction.lot.ref,
        "currency": auction.tender.currency,
        "unit": auction.lot.unit,
    }


def auction_record(auction: models.Auction) -> dict[str, Any]:
    """Return the machine-written record: everything that anybody needs to replay the auction to the same result.

    While it goes on, as far as it is; after the end as it was signed, with whose the numbers were once they are told.
    """
    if auction.state != AuctionState.ENDED:
        return {"record": write_record(about(auction), state_of(auction), events_of(auction)), "signature": None}
    return {
        "record": json.loads(auction.record),
        "signature": bytes(auction.signature or b"").hex(),
        "algorithm": "Ed25519",
        "public_key": receipt_key(str(settings.BID_KEY_SECRET).encode()).hex(),
        "names": {name_of(number): name for number, name in names_of(auction).items()},
    }


def due_auctions(at: datetime) -> list[str]:
    """Return the refs of auctions in which something is due without anybody's doing, the longest overdue first.

    Those whose tender came to nothing are due to be called off.
    """
    live = models.Auction.objects.filter(state__in=LIVE_AUCTION)
    due = live.filter(due_at__lte=at) | live.exclude(tender__state=TenderState.OPENED.value)
    return list(due.order_by("due_at", "id").values_list("ref", flat=True))


def auction_lots(tender: models.Tender) -> list[tuple[models.Lot, models.Auction | None]]:
    """Return the lots of a tender, each with its auction where one is planned, runs or has ended."""
    rows = models.Auction.objects.filter(tender=tender).exclude(state=AuctionState.CALLED_OFF.value)
    held = {row.lot_id: row for row in rows}
    return [(lot, held.get(lot.pk)) for lot in models.Lot.objects.filter(tender=tender).order_by("position")]


def auctioned(tender: models.Tender) -> dict[int, tuple[Decimal, Decimal]]:
    """Return by lot offer its opening price and the price at which it left its auction."""
    rows = models.AuctionResult.objects.filter(auction__tender=tender)
    return {key: (opening, price) for key, opening, price in rows.values_list("lot_offer_id", "opening", "price")}


def tiers_now(offer: models.LotOffer) -> list[models.BidTier]:
    """Return the tiers of an offer at the prices the award counts with: as sealed, or as an auction lowered them."""
    rows = list(models.BidTier.objects.filter(lot_offer=offer).order_by("position"))
    found = models.AuctionResult.objects.filter(lot_offer=offer).first()
    if found is not None:
        sealed = [Tier(row.from_quantity, row.to_quantity, row.unit_price) for row in rows]
        for row, tier in zip(rows, lowered(sealed, found.opening, found.price), strict=True):
            row.unit_price = tier.price
    return rows


def sealed_tiers(tender: models.Tender, lot: models.Lot) -> list[tuple[models.LotOffer, list[Tier]]]:
    """Return the offers for a lot whose bids stand, with their tiers as they were sealed, in the order of receipt."""
    offers = models.LotOffer.objects.filter(lot=lot, opened_bid__rejected="").select_related("opened_bid__sealed")
    rows = offers.order_by("opened_bid__received_at", "opened_bid_id").prefetch_related("tiers")
    return [
        (
            row,
            [
                Tier(tier.from_quantity, tier.to_quantity, tier.unit_price)
                for tier in sorted(row.tiers.all(), key=lambda one: one.position)
            ],
        )
        for row in rows
        if row.opened_bid.tender_id == tender.pk
    ]


def verify() -> list[str]:
    """Return which ended auctions do not replay to what was signed and kept; empty when all is well."""
    rows = models.Auction.objects.filter(state=AuctionState.ENDED.value).select_related("tender", "lot")
    return [f"{row.ref} does not replay to what was kept of it" for row in rows if not _replays(row)]


def _replays(auction: models.Auction) -> bool:
    try:
        state = state_of(auction)
    except Refusal:
        return False
    kept = list(models.AuctionResult.objects.filter(auction=auction).order_by("rank").values_list("price", flat=True))
    written = write_record(about(auction), state, events_of(auction))
    return record_text(written) == auction.record and [state.prices[name] for name in state.ranking()] == kept
