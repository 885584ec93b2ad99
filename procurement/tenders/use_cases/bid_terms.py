"""Bids stand to the terms they were sealed to: after a change each is confirmed, or replaced, or does not count."""

from __future__ import annotations

from datetime import datetime

from procurement.tenders import models
from procurement.tenders.rules.sealing import receipt_key, sign, signed_by
from procurement.tenders.states import BidState
from procurement.tenders.use_cases.loading import secret


def note_terms(tender: models.Tender, bid: models.SealedBid, *, by: str, at: datetime) -> None:
    """Write down, under the platform's signature, to which terms this version of the bid is; twice is once."""
    version, sha256 = tender.terms_version, tender.terms_sha256
    models.BidTerms.objects.get_or_create(
        bid=bid,
        version=bid.version,
        terms_version=version,
        defaults={
            "terms_sha256": sha256,
            "signature": sign(secret(), _text(bid, version, sha256)),
            "at": at,
            "by": by,
        },
    )


def stands_to_terms(tender: models.Tender, bid: models.SealedBid) -> bool:
    """Return whether the bid, as it is, was sealed or confirmed to the terms in force.

    A bid of a tender that was never amended stands by itself.
    """
    if tender.terms_version == 1:
        return True
    row = models.BidTerms.objects.filter(
        bid=bid, version=bid.version, terms_version=tender.terms_version, terms_sha256=tender.terms_sha256
    ).first()
    if row is None:
        return False
    return signed_by(receipt_key(secret()), _text(bid, row.terms_version, row.terms_sha256), bytes(row.signature))


def _text(bid: models.SealedBid, terms_version: int, sha256: str) -> bytes:
    """Return what is signed: the bid's version and the terms it is to."""
    parts = ("jicai bid terms", bid.ref, str(bid.version), bid.commitment, str(terms_version), sha256)
    return "\n".join(parts).encode()


def to_confirm(tender: models.Tender, supplier_id: int) -> models.SealedBid | None:
    """Return the supplier's sealed bid if it was sealed to earlier terms, None where there is nothing to confirm."""
    bid = models.SealedBid.objects.filter(tender=tender, supplier_id=supplier_id, state=BidState.SEALED.value).first()
    return bid if bid is not None and not stands_to_terms(tender, bid) else None
