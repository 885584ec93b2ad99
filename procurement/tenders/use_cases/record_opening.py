"""Publish what was found when a box was opened, as one signed text that anybody can check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from procurement.tenders import models
from procurement.tenders.rules import proofs, sealing
from procurement.tenders.states import BidState, ShareState
from procurement.tenders.use_cases.loading import secret


def record_opening(tender: models.Tender, rejected: Mapping[str, str], *, at: datetime) -> None:
    """Write the opening record: the root and every commitment under it, a verdict for each bid, whose shares opened it.

    rejected   by bid ref, the code of what is wrong with it, '' for a bid that stands

    No price, and no supplier: a bidder knows its own bid by its ref and commitment.
    """
    rows = models.SealedBid.objects.filter(tender=tender).order_by("commitment").defer("ciphertext")
    facts = {
        "kind": proofs.RECORD_KIND,
        "tender": tender.ref,
        "terms_sha256": tender.terms_sha256,
        "public_key": bytes(tender.public_key or b"").hex(),
        "holding": _holding(tender),
        "closed_at": tender.closed_at.isoformat() if tender.closed_at else None,
        "opened_at": at.isoformat(),
        "root": tender.receipts_root,
        "root_signature": bytes(tender.root_signature or b"").hex(),
        "box_intact": tender.box_intact,
        "bids": [
            {
                "bid": row.ref,
                "version": row.version,
                "commitment": row.commitment,
                "received_at": row.received_at.isoformat(),
                "verdict": proofs.WITHDRAWN if row.state == BidState.WITHDRAWN else rejected.get(row.ref) or "read",
            }
            for row in rows
        ],
    }
    text = proofs.record_text(facts)
    models.OpeningRecord.objects.create(
        tender=tender, text=text, signature=sealing.sign(secret(), proofs.signed_record(text)), recorded_at=at
    )


def _holding(tender: models.Tender) -> dict[str, Any] | None:
    """Return who held the key, and whose shares were in; None where the platform held it itself."""
    if tender.shares_needed is None:
        return None
    rows = models.KeyShare.objects.filter(tender=tender).select_related("holder").order_by("number")
    return {
        "needed": tender.shares_needed,
        "sha256": tender.holding_sha256,
        "shares": [
            {
                "number": row.number,
                "holder": row.holder.ref,
                "holder_key": row.holder.public_key,
                "commitment": row.commitment,
                "given": row.state == ShareState.HANDED_IN,
            }
            for row in rows
        ],
    }
