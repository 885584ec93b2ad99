"""Open the box: decrypt, check every commitment, read every offer; a bid that cannot stand harms no other."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from marketplace.events import use_cases as events_
from marketplace.foundation.models import move_all
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.tenders import events, models, queries
from procurement.tenders.rules import key_shares, sealing
from procurement.tenders.rules.offers import BadOffer, Offer, OfferTerms, read_offer
from procurement.tenders.states import BidState, ShareState
from procurement.tenders.use_cases.auctions import count_auctions
from procurement.tenders.use_cases.bid_terms import stands_to_terms
from procurement.tenders.use_cases.close_tender import root_of
from procurement.tenders.use_cases.deal_shares import spend_shares
from procurement.tenders.use_cases.failing import fail_tender
from procurement.tenders.use_cases.keep_offers import keep_offers
from procurement.tenders.use_cases.loading import FourEyes, load_tender, secret
from procurement.tenders.use_cases.record_opening import record_opening


class KeyLost(Refusal):
    """The platform's secret is not the one under which the tender's key was locked."""

    code = "tender_key_lost"
    words = gettext_noop("The key of {tender} does not open with the platform's present secret.")


class SharesMissing(Refusal):
    """The key is held outside the platform, and not enough holders have handed in their shares."""

    code = "shares_missing"
    words = gettext_noop("{given} of the {needed} shares that open {tender} are in. Holders hand in theirs.")


@dataclass(frozen=True)
class _Reading:
    """One bid as read: an offer, or why it is rejected."""

    bid: models.SealedBid
    offer: Offer | None = None
    rejected: str = ""
    why: dict[str, Any] | None = None


@transaction.atomic
def open_tender(*, tender_ref: str, by: str, at: datetime) -> None:
    """Decrypt every bid of a closed tender and keep its offers; without one that stands the tender has failed.

    A bid is rejected, with the reason, when its commitment or receipt is not the one it was received with, when it does
    not decrypt in its place, or when its offer cannot be read. `box_intact` says whether the box still is the one whose
    root was published at closing; without that no award is made. What was found is published as a signed record.

    :raises NotFound: no such tender.
    :raises FourEyes: `by` published it.
    :raises SharesMissing: too few of its key holders handed in their shares.
    :raises KeyLost: the platform's secret, or the shares, do not give the tender's key.
    :raises IllegalMove: it is not closed.
    """
    tender = load_tender(tender_ref)
    if by == tender.published_by:
        raise FourEyes(first=by, verb="open", tender=tender_ref)
    tender.move("open", by=by, at=at, opened_by=by, opened_at=at, box_intact=_is_intact(tender))
    readings, firms, terms = _read_all(tender)
    keep_offers(tender, [(one.bid, one.offer, one.rejected, one.why) for one in readings], firms, terms)
    count_auctions(tender)
    _move(readings, by=by, at=at)
    rejected = sum(1 for one in readings if one.rejected)
    record_opening(tender, {one.bid.ref: one.rejected for one in readings}, at=at)
    spend_shares(tender, by=by, at=at, why="opened")
    events_.record(events.TenderOpened(tender_ref, len(readings), rejected), source_ref=tender_ref, at=at)
    if rejected == len(readings):
        fail_tender(tender, why="no valid bid", by=by, at=at)


def _is_intact(tender: models.Tender) -> bool:
    """Return whether the box still has the root that was published, under the platform's signature."""
    signer, signature = sealing.receipt_key(secret()), bytes(tender.root_signature or b"")
    root = root_of(tender)
    return root == tender.receipts_root and sealing.signed_by(signer, sealing.root_text(tender.ref, root), signature)


@sensitive_variables()
def _read_all(tender: models.Tender) -> tuple[list[_Reading], dict[str, parties.OrganisationView], OfferTerms]:
    """Read every bid in the box, in the order of their receipt."""
    box = models.SealedBid.objects.filter(tender=tender, state=BidState.SEALED.value)
    bids = list(box.order_by("received_at", "id"))
    firms = parties.organisations(bid.supplier_ref for bid in bids)
    terms = queries.terms_of(tender)
    reader = _Reader(tender, _private_key(tender), sealing.receipt_key(secret()), terms)
    return [reader.read(bid, firms.get(bid.supplier_ref)) for bid in bids], firms, terms


def _move(readings: list[_Reading], *, by: str, at: datetime) -> None:
    move_all([one.bid for one in readings if not one.rejected], "open", by=by, at=at)
    faults: dict[str, list[models.SealedBid]] = defaultdict(list)
    for one in readings:
        if one.rejected:
            faults[one.rejected].append(one.bid)
    for fault, bids in faults.items():
        move_all(bids, "reject", by=by, at=at, why=fault)


@sensitive_variables()
def _private_key(tender: models.Tender) -> bytes:
    if tender.shares_needed is not None:
        return _joined_key(tender, tender.shares_needed)
    try:
        return sealing.unlock_tender_key(
            secret(), tender.ref, bytes(tender.public_key or b""), bytes(tender.locked_key or b"")
        )
    except sealing.NotSealedHere:
        raise KeyLost(tender=tender.ref) from None


@sensitive_variables()
def _joined_key(tender: models.Tender, needed: int) -> bytes:
    """Put the key together from the shares that wait in the session."""
    rows = models.KeyShare.objects.filter(tender=tender, state=ShareState.HANDED_IN.value).order_by("number")
    waiting = {row.number: bytes(row.waiting or b"") for row in rows}
    if len(waiting) < needed:
        raise SharesMissing(tender=tender.ref, given=len(waiting), needed=needed)
    try:
        shares = {
            number: key_shares.unlock_share(secret(), locked, tender_ref=tender.ref, number=number)
            for number, locked in list(waiting.items())[:needed]
        }
    except key_shares.NoShare:
        raise KeyLost(tender=tender.ref) from None
    key = key_shares.join_key(shares)
    if not key_shares.opens(key, bytes(tender.public_key or b"")):
        raise KeyLost(tender=tender.ref)
    return key


@dataclass(frozen=True)
class _Reader:
    """Reads the bids of one tender; whatever is wrong with one is wrong with it alone."""

    tender: models.Tender
    key: bytes
    signer: bytes
    terms: OfferTerms

    @sensitive_variables()
    def read(self, bid: models.SealedBid, firm: parties.OrganisationView | None) -> _Reading:
        place = sealing.Place(self.tender.ref, bid.ref, bid.version, bid.supplier_ref)
        fault = self._fault(bid, place) if firm and firm.id == bid.supplier_id else "altered"
        if not fault and not stands_to_terms(self.tender, bid):
            fault = "sealed_to_earlier_terms"
        if fault:
            return _Reading(bid, rejected=fault)
        try:
            said = json.loads(sealing.unseal(bid.envelope, place=place, private_key=self.key))
            if (said["tender"], said["bid"], said["supplier"]) == (place.tender_ref, place.bid_ref, place.supplier_ref):
                return _Reading(bid, offer=read_offer(said["offer"], self.terms))
            fault, why = "sealed_elsewhere", None
        except BadOffer as refusal:
            fault, why = refusal.code, {"place": refusal.place, "reason": refusal.reason}
        except sealing.NotSealedHere:
            fault, why = "does_not_open", None
        except (ValueError, KeyError, TypeError, RecursionError):
            fault, why = "unreadable", None
        return _Reading(bid, rejected=fault, why=why)

    def _fault(self, bid: models.SealedBid, place: sealing.Place) -> str:
        """Return what is wrong with a bid before it is even decrypted; nothing: ''."""
        if sealing.commitment(bid.envelope, place) != bid.commitment:
            return "altered"
        text = sealing.receipt_text(place, bid.commitment, bid.received_at)
        return "" if sealing.signed_by(self.signer, text, bytes(bid.signature)) else "receipt_not_ours"
