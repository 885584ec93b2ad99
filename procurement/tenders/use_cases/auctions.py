"""Plan auctions after opening, move in them, keep their time, and carry their prices into the award."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import BadValue, IllegalMove, NotFound, Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from procurement.engines import auction as engine
from procurement.tenders import events, models
from procurement.tenders.queries import auctions as asked
from procurement.tenders.rules import auctioning, proofs, sealing
from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.offers import PRICE_PLACES, Tier
from procurement.tenders.rules.words import AUCTION_CALLED_OFF, AUCTION_ENDED, AUCTION_PLANNED
from procurement.tenders.states import AuctionState, TenderState
from procurement.tenders.use_cases.interest import tell_interested
from procurement.tenders.use_cases.loading import load_tender, secret

TURN_SECONDS = 120
CLOCK = "system:auctions"
Clock = Callable[[], datetime]


class NoAuctionHere(Refusal):
    """The tender's procedure has none, or the lot nobody to underbid."""

    code = "no_auction_here"
    words = gettext_noop("There is no auction of {lot}: {why}.")


class AuctionPlannedAlready(Refusal):
    """A lot is auctioned once."""

    code = "auction_planned_already"
    words = gettext_noop("The auction of {lot} is planned already, or over.")


class AuctionsLeft(Refusal):
    """An award follows the auctions."""

    code = "auctions_left"
    words = gettext_noop("Auctions of {tender} that must end before its award: {left}.")


def count_auctions(tender: models.Tender) -> None:
    """Note how many lots of an opened tender are to be auctioned: those that two offers at least fit."""
    if tender.flags.get("auction"):
        lots = [lot for lot in models.Lot.objects.filter(tender=tender) if len(_seated(tender, lot)) > 1]
        models.Tender.objects.filter(pk=tender.pk).update(auctions_left=len(lots))
        tender.refresh_from_db()


def must_be_auctioned(tender: models.Tender) -> None:
    """Pass when no auction is left before an award.

    :raises AuctionsLeft: one is.
    """
    if tender.auctions_left:
        raise AuctionsLeft(tender=tender.ref, left=tender.auctions_left)


def start_auction(
    *,
    lot_ref: str,
    starts_at: datetime,
    step: Decimal,
    turn_seconds: int = TURN_SECONDS,
    rounds: int = 3,
    by: str,
    at: datetime,
) -> str:
    """Plan the auction of an opened tender's lot and return its ref; all who look at the tender are told.

    Each bidder begins with its sealed price at the lot's whole quantity; freight counts beside it. Numbers are drawn
    from the sealed bids' commitments, so that they say nothing of who came when.

    starts_at     when the first turn may begin; not past
    step          how far at least a new price lies below one's own, money a unit
    turn_seconds  how long a turn lasts at most

    :raises NotFound: no such lot.
    :raises IllegalMove: the tender is not opened.
    :raises NoAuctionHere: the procedure has none, fewer than two offers fit, or prices are no all-units prices.
    :raises AuctionPlannedAlready: the lot has one.
    :raises BadValue: a number out of range, a beginning that is past.
    """
    lot = models.Lot.objects.filter(ref=lot_ref).select_related("tender").first()
    if lot is None:
        raise NotFound(what="lot", ref=lot_ref)
    tender = load_tender(lot.tender.ref)
    _must_have_auctions(tender, lot)
    if starts_at < at:
        raise BadValue(place="starts_at", value=starts_at.isoformat(), reason=gettext_noop("is past"))
    seated = _seated(tender, lot)
    if len(seated) < 2:
        raise NoAuctionHere(lot=lot_ref, why=gettext_noop("fewer than two offers fit it"))
    terms = engine.Terms(_bidders(lot, seated), step, PRICE_PLACES, turn_seconds, starts_at, rounds)
    try:
        with transaction.atomic():
            return _plan(tender, lot, terms, seated, by=by, at=at)
    except IntegrityError:
        if models.Auction.objects.filter(lot=lot).exclude(state=AuctionState.CALLED_OFF.value).exists():
            raise AuctionPlannedAlready(lot=lot_ref) from None
        raise


def _must_have_auctions(tender: models.Tender, lot: models.Lot) -> None:
    if not tender.flags.get("auction"):
        raise NoAuctionHere(lot=lot.ref, why=gettext_noop("the tender's procedure has none"))
    if tender.state != TenderState.OPENED:
        raise IllegalMove(machine="tender", state=tender.state, verb="start_auction")
    if tender.rules.get("mode", "all_units") != "all_units":
        raise NoAuctionHere(lot=lot.ref, why=gettext_noop("only all-units prices are auctioned"))


Seated = list[tuple[models.LotOffer, list[Tier], Decimal]]  # offer, sealed tiers, price at the whole quantity


def _seated(tender: models.Tender, lot: models.Lot) -> Seated:
    """Return the offers that take part, in the order of their receipt."""
    found = []
    for offer, tiers in asked.sealed_tiers(tender, lot):
        tier = auctioning.tier_at(tiers, lot.quantity) if lot.quantity else None
        if tier is not None:
            found.append((offer, tiers, tier.price))
    return found


def _bidders(lot: models.Lot, seated: Seated) -> tuple[engine.Bidder, ...]:
    wanted = dict(models.LotPool.objects.filter(lot=lot).values_list("region", "quantity"))
    scoring = BidTerms.read(lot.tender.rules).scoring
    bidders = []
    for number, (place, offer, price) in enumerate(_drawn(lot, seated), start=1):
        freight = auctioning.freight_a_unit({r: Decimal(c) for r, c in offer.freight.items()}, wanted)
        coefficient, addition = auctioning.weighing_of(
            scoring, offer.opened_bid.chosen, lot.reference, (offer.co2, offer.life_cycle), freight
        )
        name = auctioning.name_of(number)
        bidders.append(engine.Bidder(name, price, place, coefficient=coefficient, addition=addition))
    return tuple(bidders)


def _drawn(lot: models.Lot, seated: Seated) -> list[tuple[int, models.LotOffer, Decimal]]:
    """Return the seats in the order of their numbers, each with its place in the order of receipt."""
    rows = [(place, offer, price) for place, (offer, _, price) in enumerate(seated, start=1)]
    return sorted(rows, key=lambda row: _lot_number(lot, row[1]))


def _lot_number(lot: models.Lot, offer: models.LotOffer) -> str:
    sealed = offer.opened_bid.sealed
    drawn = secret() + f"|{lot.ref}|{sealed.commitment if sealed else offer.pk}".encode()
    return hashlib.sha256(b"jicai/auction-seat/1|" + drawn).hexdigest()


def _plan(tender: models.Tender, lot: models.Lot, terms: engine.Terms, seated: Seated, *, by: str, at: datetime) -> str:
    auction = models.Auction.objects.create(
        ref=events_.next_ref("AU", at=at),
        tender=tender,
        lot=lot,
        terms=engine.write_terms(terms),
        starts_at=terms.starts_at,
        due_at=terms.starts_at,
        planned_by=by,
        planned_at=at,
    )
    models.AuctionSeat.objects.bulk_create(
        models.AuctionSeat(
            auction=auction,
            number=number,
            lot_offer=offer,
            supplier_id=offer.opened_bid.supplier_id,
            supplier_ref=offer.opened_bid.supplier_ref,
        )
        for number, (_, offer, _) in enumerate(_drawn(lot, seated), start=1)
    )
    tell_interested(tender, AUCTION_PLANNED, at=at, lot=lot.ref, starts_at=terms.starts_at.isoformat())
    fact = events.AuctionPlanned(tender.ref, lot.ref, auction.ref, terms.starts_at)
    events_.record(fact, source_ref=tender.ref, at=at)
    return auction.ref


@transaction.atomic
def call_off_auction(*, auction_ref: str, why: str, by: str, at: datetime) -> None:
    """Call off an auction that has not begun; its lot may be given another.

    :raises NotFound: no such auction.
    :raises IllegalMove: it has begun.
    :raises BadValue: no reason is given.
    """
    auction = _hold(auction_ref)
    if auction.state != AuctionState.PLANNED:
        raise IllegalMove(machine="auction", state=auction.state, verb="call_off")
    if not why.strip():
        raise BadValue(place="why", value="", reason=gettext_noop("is empty"))
    _call_off(auction, why=why.strip(), by=by, at=at)


def _call_off(auction: models.Auction, *, why: str, by: str, at: datetime) -> None:
    auction.move("call_off", by=by, at=at, why=why, reason=why, due_at=None)
    tell_interested(auction.tender, AUCTION_CALLED_OFF, at=at, lot=auction.lot.ref, why=why)
    fact = events.AuctionCalledOff(auction.tender.ref, auction.lot.ref, auction.ref, why)
    events_.record(fact, source_ref=auction.tender.ref, at=at)


@transaction.atomic
def place_auction_bid(
    *, auction_ref: str, supplier_ref: str, price: Decimal, by: str, at: datetime, clock: Clock | None = None
) -> int:
    """Lower one's own price in one's own turn, which ends it; return the number of the step.

    clock   read again once the auction is held: what comes after the turn's end is late, whatever `at` said

    :raises NotFound: no such auction, or the firm takes no part in it.
    :raises NotBegun, AuctionOver, NotYourTurn, TurnOver: it may not move now.
    :raises BadPrice, NotLowEnough: the price is none, or not low enough.
    """
    return _move(auction_ref, supplier_ref, engine.BID, price, by=by, at=at, clock=clock)


@transaction.atomic
def pass_turn(*, auction_ref: str, supplier_ref: str, by: str, at: datetime, clock: Clock | None = None) -> int:
    """Stay as one is, in one's own turn, which ends it; return the number of the step. `clock`: as in a bid.

    :raises NotFound: no such auction, or the firm takes no part in it.
    :raises NotBegun, AuctionOver, NotYourTurn, TurnOver: it may not move now.
    """
    return _move(auction_ref, supplier_ref, engine.STAYED, None, by=by, at=at, clock=clock)


def _move(
    auction_ref: str,
    supplier_ref: str,
    kind: str,
    price: Decimal | None,
    *,
    by: str,
    at: datetime,
    clock: Clock | None,
) -> int:
    auction = _hold(auction_ref)
    seat = asked.seat_of(auction, supplier_ref)
    if seat is None:
        raise NotFound(what="auction", ref=auction_ref)
    if auction.state in {AuctionState.ENDED, AuctionState.CALLED_OFF} or _is_idle(auction):
        raise engine.AuctionOver
    state = asked.state_of(auction)
    now = _not_before(state, max(at, clock()) if clock else at)
    return _write(auction, state, engine.Event(kind, now, auctioning.name_of(seat), price), by=by)


def _is_idle(auction: models.Auction) -> bool:
    """Return whether the auction's tender came to nothing meanwhile."""
    return auction.tender.state != TenderState.OPENED


def _hold(auction_ref: str) -> models.Auction:
    """Lock the auction's row until this transaction ends, by an UPDATE that changes nothing, and return it."""
    models.Auction.objects.filter(ref=auction_ref).update(steps=F("steps"))
    auction = models.Auction.objects.filter(ref=auction_ref).select_related("tender", "lot").first()
    if auction is None:
        raise NotFound(what="auction", ref=auction_ref)
    return auction


def _not_before(state: engine.State, now: datetime) -> datetime:
    """Return now; where two machines' clocks differ, no earlier than the last step."""
    return now if state.last is None else max(now, state.last)


@transaction.atomic
def advance_auction(*, auction_ref: str, by: str = CLOCK, at: datetime) -> bool:
    """Do what is due without anybody's doing, at most one step, and return whether anything was.

    A planned auction begins, a turn whose time is over ends, an auction whose tender came to nothing is called off.
    Ring as often as you like: what is due stands in a row, and nothing that is not due happens. The next turn begins
    when this is written, so nobody loses time because a worker was down.

    :raises NotFound: no such auction.
    """
    auction = _hold(auction_ref)
    if auction.state not in asked.LIVE_AUCTION:
        return False
    if _is_idle(auction):
        _call_off(auction, why="the tender came to nothing", by=by, at=at)
        return True
    if auction.due_at is None or at < auction.due_at:
        return False
    state = asked.state_of(auction)
    now = _not_before(state, at)
    if state.mover is None:
        auction.move("begin", by=by, at=at, began_at=now)
        _write(auction, state, engine.Event(engine.BEGAN, now), by=by)
    else:
        _write(auction, state, engine.Event(engine.TIMED_OUT, now, state.mover), by=by)
    return True


def _write(auction: models.Auction, state: engine.State, event: engine.Event, *, by: str) -> int:
    """Write one step, and with the last one the end; only if nobody wrote a step since `state` was read.

    :raises StaleWrite: somebody did.
    """
    after = engine.follow(state, event)
    mine = models.Auction.objects.filter(pk=auction.pk, state=AuctionState.RUNNING.value, steps=state.number)
    if not mine.update(steps=after.number, due_at=after.due or event.at):
        raise StaleWrite(ref=auction.ref, revision=state.number)
    models.AuctionEvent.objects.create(
        auction=auction,
        number=after.number,
        kind=event.kind,
        bidder=auctioning.number_of(event.bidder),
        price=event.price,
        at=event.at,
        by=by,
    )
    if after.over:
        _end(auction, after, at=event.at)
    return after.number


def _end(auction: models.Auction, state: engine.State, *, at: datetime) -> None:
    """End the auction in the transaction of its last step: sign the record, keep the prices for the award."""
    auction.refresh_from_db()
    written = engine.write_record(asked.about(auction), state, asked.events_of(auction))
    text = proofs.record_text(written)
    auction.move("end", by=CLOCK, at=at, ended_at=at, due_at=None, record=text, signature=sign_record(text))
    offers = dict(models.AuctionSeat.objects.filter(auction=auction).values_list("number", "lot_offer_id"))
    models.AuctionResult.objects.bulk_create(
        models.AuctionResult(
            auction=auction,
            lot_offer_id=offers[auctioning.number_of(name) or 0],
            rank=rank,
            opening=next(one.opening for one in state.terms.bidders if one.name == name),
            price=state.prices[name],
        )
        for rank, name in enumerate(state.ranking(), start=1)
    )
    models.Tender.objects.filter(pk=auction.tender_id, auctions_left__gt=0).update(auctions_left=F("auctions_left") - 1)
    tell_interested(auction.tender, AUCTION_ENDED, at=at, lot=auction.lot.ref)
    fact = events.AuctionEnded(auction.tender.ref, auction.lot.ref, auction.ref, state.number)
    events_.record(fact, source_ref=auction.tender.ref, at=at)


def sign_record(text: str) -> bytes:
    """Return the platform's signature over a record."""
    return sealing.sign(secret(), auctioning.signed_record(text))
