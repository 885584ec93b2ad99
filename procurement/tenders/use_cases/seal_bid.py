"""Put a bid into the box: checked and encrypted in memory, kept as ciphertext, answered with a signed receipt."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from procurement.tenders import models, queries
from procurement.tenders.rules import sealing
from procurement.tenders.rules.offers import BadOffer, read_offer
from procurement.tenders.states import BidState, TenderState
from procurement.tenders.use_cases.bid_terms import note_terms
from procurement.tenders.use_cases.bonds import must_be_secured
from procurement.tenders.use_cases.interest import note_interest
from procurement.tenders.use_cases.loading import bidder, hold_still, load_tender, may_bid, secret

BIDDER = "bidder"  # how the trail names who bid, until opening


class BidsClosed(Refusal):
    """The box is shut."""

    code = "bids_closed"
    words = gettext_noop("{tender} took bids until {bids_until}. This one came too late.")


class KeyExchanged(Refusal):
    """The tender's public key is not the one it was published with: a bid to it might be read by a stranger."""

    code = "tender_key_exchanged"
    words = gettext_noop("The key of {tender} is not the one it was published with. Nothing was sealed.")


class NoBidHere(Refusal):
    """There is no bid of this supplier in the box."""

    code = "no_bid"
    status = 404
    words = gettext_noop("You have no bid in {tender}.")


@dataclass(frozen=True)
class Receipt:
    """What the bidder keeps: with it, it proves later what the platform took and when.

    `text` is what was signed; `signature` is the platform's Ed25519 signature over it.
    """

    bid_ref: str
    version: int
    commitment: str
    received_at: datetime
    text: bytes
    signature: bytes


@sensitive_variables()
@transaction.atomic
def seal_bid(
    *,
    tender_ref: str,
    supplier_ref: str,
    offer: Mapping[str, Any],
    by: str,
    at: datetime,
    clock: Callable[[], datetime] | None = None,
) -> Receipt:
    """Seal the supplier's offer (its form: `rules.offers`) and return the receipt; an earlier bid of its is replaced.

    The first write asks, in one statement, whether the tender is published and its closing time ahead, and holds it
    still until the bid is in: a bid never slips past a closing that races it.

    clock   read again once the tender is held: a request that stalled on its way is late, whatever `at` said

    :raises NotFound: no such tender, or none that this supplier may know of.
    :raises NotAllowed: the organisation is no verified supplier or factory.
    :raises BidsClosed: the closing time has come.
    :raises BadOffer: the offer cannot be read in one way only, or is too long.
    :raises NoBond: the tender asks for a bid bond, and none is lodged.
    :raises KeyExchanged: somebody changed the tender's public key in the database.
    """
    supplier = bidder(supplier_ref)
    tender = open_box(tender_ref, supplier.id, at, clock)
    must_be_secured(tender, supplier.id)
    bid = models.SealedBid.objects.filter(tender=tender, supplier_id=supplier.id).first()
    place = sealing.Place(tender_ref, bid.ref if bid else _drawn_ref(at), bid.version + 1 if bid else 1, supplier_ref)
    envelope = _sealed(tender, place, offer)
    committed = sealing.commitment(envelope, place)
    text = sealing.receipt_text(place, committed, at)
    signature = sealing.sign(secret(), text)
    kept: dict[str, Any] = {
        "version": place.version,
        "ephemeral_key": envelope.ephemeral_key,
        "nonce": envelope.nonce,
        "ciphertext": envelope.ciphertext,
        "commitment": committed,
        "signature": signature,
        "received_at": at,
    }
    if bid:
        bid.move("replace" if bid.state == BidState.SEALED else "seal", by=BIDDER, at=at, **kept)
    else:
        bid = models.SealedBid.objects.create(
            ref=place.bid_ref, tender=tender, supplier_id=supplier.id, supplier_ref=supplier_ref, **kept
        )
    keep_receipt(bid, "seal", by=by, at=at)
    note_terms(tender, bid, by=by, at=at)
    note_interest(tender, supplier, at=at)
    return Receipt(place.bid_ref, place.version, committed, at, text, signature)


def open_box(
    tender_ref: str, supplier_id: int, at: datetime, clock: Callable[[], datetime] | None = None
) -> models.Tender:
    """Return the tender, held still, if this supplier may bid now."""
    is_open = hold_still(
        tender_ref, state=TenderState.PUBLISHED.value, bids_until__gt=at, published_at__lte=at, historic=False
    )
    tender = load_tender(tender_ref)
    if tender.state == TenderState.DRAFT or not may_bid(tender, supplier_id):
        raise NotFound(what="tender", ref=tender_ref)
    if not is_open or (clock and clock() >= tender.bids_until):
        raise BidsClosed(tender=tender_ref, bids_until=tender.bids_until.isoformat())
    return tender


def _drawn_ref(at: datetime) -> str:
    return f"BD-{at.year:04d}-{secrets.randbelow(9 * 10**11) + 10**11}"


@sensitive_variables()
def _sealed(tender: models.Tender, place: sealing.Place, offer: Mapping[str, Any]) -> sealing.Envelope:
    """Check the offer and encrypt it to the tender's key; every usual bid of a tender gets the same length."""
    terms = queries.terms_of(tender)
    said = read_offer(offer, terms).document()
    payload = json.dumps(
        {"tender": place.tender_ref, "bid": place.bid_ref, "supplier": place.supplier_ref, "offer": said},
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()
    least = 2048 + sum(500 + 90 * len(one.regions) for one in terms)
    try:
        return sealing.seal(payload, place=place, public_key=_key_of(tender), least=least)
    except sealing.TooLarge:
        raise BadOffer(place="offer", reason="is longer than the largest envelope") from None


def _key_of(tender: models.Tender) -> bytes:
    public_key, signature = bytes(tender.public_key or b""), bytes(tender.key_signature or b"")
    signer = sealing.receipt_key(secret())
    if not sealing.signed_by(signer, sealing.key_text(tender.ref, public_key, tender.holding_sha256), signature):
        raise KeyExchanged(tender=tender.ref)
    return public_key


def keep_receipt(bid: models.SealedBid, verb: str, *, by: str, at: datetime) -> None:
    """Add one line to the append-only list of what bidders were given."""
    models.BidReceipt.objects.create(
        bid=bid,
        version=bid.version,
        verb=verb,
        commitment=bid.commitment,
        signature=bid.signature,
        received_at=at,
        by=by,
    )


@transaction.atomic
def withdraw_bid(
    *, tender_ref: str, supplier_ref: str, by: str, at: datetime, clock: Callable[[], datetime] | None = None
) -> None:
    """Take the supplier's bid out of the box before it closes; it may bid again until then. `clock`: as in `seal_bid`.

    :raises NotFound: no such tender, or none that this supplier may know of.
    :raises NotAllowed: the organisation is no verified supplier or factory.
    :raises BidsClosed: the closing time has come.
    :raises NoBidHere: it has no bid in the box.
    """
    supplier = bidder(supplier_ref)
    tender = open_box(tender_ref, supplier.id, at, clock)
    bid = models.SealedBid.objects.filter(tender=tender, supplier_id=supplier.id, state=BidState.SEALED.value).first()
    if bid is None:
        raise NoBidHere(tender=tender_ref)
    bid.move("withdraw", by=BIDDER, at=at, ephemeral_key=b"", nonce=b"", ciphertext=b"")
    keep_receipt(bid, "withdraw", by=by, at=at)
