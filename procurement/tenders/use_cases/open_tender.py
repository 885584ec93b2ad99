"""Open the box: decrypt, check every commitment, read every offer; a bid that cannot stand harms no other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties
from procurement.tenders import events, models, queries
from procurement.tenders.rules import sealing
from procurement.tenders.rules.offers import BadOffer, Offer, OfferTerms, read_offer
from procurement.tenders.states import BidState
from procurement.tenders.use_cases.close_tender import root_of
from procurement.tenders.use_cases.failing import fail_tender
from procurement.tenders.use_cases.keep_offers import keep_offers
from procurement.tenders.use_cases.loading import FourEyes, load_tender, secret


class KeyLost(Refusal):
    """The platform's secret is not the one under which the tender's key was locked."""

    code = "tender_key_lost"
    words = gettext_noop("The key of {tender} does not open with the platform's present secret.")


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
    root was published at closing; without that no award is made.

    :raises NotFound: no such tender.
    :raises FourEyes: `by` published it.
    :raises KeyLost: the platform's secret does not unlock the tender's key.
    :raises IllegalMove: it is not closed.
    """
    tender = load_tender(tender_ref)
    if by == tender.published_by:
        raise FourEyes(first=by, verb="open", tender=tender_ref)
    tender.move("open", by=by, at=at, opened_by=by, opened_at=at, box_intact=_is_intact(tender))
    bids = models.SealedBid.objects.filter(tender=tender, state=BidState.SEALED.value).order_by("received_at", "id")
    terms, key = queries.terms_of(tender), _private_key(tender)
    firms = parties.organisations(bid.supplier_ref for bid in bids)
    readings = [_read(bid, firms.get(bid.supplier_ref), key, terms) for bid in bids]
    keep_offers(tender, [(one.bid, one.offer, one.rejected, one.why) for one in readings], firms, terms)
    for one in readings:
        one.bid.move("reject" if one.rejected else "open", by=by, at=at, why=one.rejected)
    rejected = sum(1 for one in readings if one.rejected)
    events_.record(events.TenderOpened(tender_ref, len(readings), rejected), source_ref=tender_ref, at=at)
    if rejected == len(readings):
        fail_tender(tender, why="no valid bid", by=by, at=at)


def _is_intact(tender: models.Tender) -> bool:
    """Return whether the box still has the root that was published, under the platform's signature."""
    signer, signature = sealing.receipt_key(secret()), bytes(tender.root_signature or b"")
    root = root_of(tender)
    return root == tender.receipts_root and sealing.signed_by(signer, sealing.root_text(tender.ref, root), signature)


def _private_key(tender: models.Tender) -> bytes:
    try:
        return sealing.unlock_tender_key(
            secret(), tender.ref, bytes(tender.public_key or b""), bytes(tender.locked_key or b"")
        )
    except sealing.NotSealedHere:
        raise KeyLost(tender=tender.ref) from None


def _read(bid: models.SealedBid, firm: parties.OrganisationView | None, key: bytes, terms: OfferTerms) -> _Reading:
    """Read one bid; whatever is wrong with it is wrong with it alone."""
    place = sealing.Place(bid.tender.ref, bid.ref, bid.version, bid.supplier_ref)
    fault = _fault(bid, place) if firm and firm.id == bid.supplier_id else "altered"
    if fault:
        return _Reading(bid, rejected=fault)
    try:
        said = json.loads(sealing.unseal(bid.envelope, place=place, private_key=key))
        if (said["tender"], said["bid"], said["supplier"]) == (place.tender_ref, place.bid_ref, place.supplier_ref):
            return _Reading(bid, offer=read_offer(said["offer"], terms))
        fault, why = "sealed_elsewhere", None
    except BadOffer as refusal:
        fault, why = refusal.code, {"place": refusal.place, "reason": refusal.reason}
    except sealing.NotSealedHere:
        fault, why = "does_not_open", None
    except (ValueError, KeyError, TypeError, RecursionError):
        fault, why = "unreadable", None
    return _Reading(bid, rejected=fault, why=why)


def _fault(bid: models.SealedBid, place: sealing.Place) -> str:
    """Return what is wrong with a bid before it is even decrypted; nothing: ''."""
    if sealing.commitment(bid.envelope, place) != bid.commitment:
        return "altered"
    text = sealing.receipt_text(place, bid.commitment, bid.received_at)
    if not sealing.signed_by(sealing.receipt_key(secret()), text, bytes(bid.signature)):
        return "receipt_not_ours"
    return ""
