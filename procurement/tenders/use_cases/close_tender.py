"""Shut the box when its time has come."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from procurement.tenders import events, models
from procurement.tenders.rules.sealing import merkle_root, root_text, sign
from procurement.tenders.states import BidState
from procurement.tenders.use_cases.loading import hold_still, load_tender, secret


class TooEarly(Refusal):
    """The closing time is still ahead."""

    code = "too_early"
    words = gettext_noop("{tender} takes bids until {bids_until}; it cannot be closed before.")


@transaction.atomic
def close_tender(*, tender_ref: str, by: str, at: datetime) -> None:
    """Close a published tender and publish the signed root over everything in its box.

    :raises NotFound: no such tender.
    :raises TooEarly: its closing time is still ahead.
    :raises IllegalMove: it is not published.
    """
    hold_still(tender_ref)
    tender = load_tender(tender_ref)
    if tender.state == "published" and at < tender.bids_until:
        raise TooEarly(tender=tender_ref, bids_until=tender.bids_until.isoformat())
    root = root_of(tender)
    signature = sign(secret(), root_text(tender_ref, root))
    tender.move("close", by=by, at=at, why=root, closed_at=at, receipts_root=root, root_signature=signature)
    events_.record(events.TenderClosed(tender_ref, root), source_ref=tender_ref, at=at)


def root_of(tender: models.Tender) -> str:
    """Return the root over the commitments that stand in the box."""
    box = models.SealedBid.objects.filter(tender=tender).exclude(state=BidState.WITHDRAWN.value)
    return merkle_root(list(box.values_list("commitment", flat=True)))
