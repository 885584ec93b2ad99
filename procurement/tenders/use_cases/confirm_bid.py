"""Let a bid that was sealed to earlier terms stand to the amended ones."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from procurement.tenders import models
from procurement.tenders.states import BidState
from procurement.tenders.use_cases.bid_terms import note_terms
from procurement.tenders.use_cases.loading import bidder
from procurement.tenders.use_cases.seal_bid import NoBidHere, open_box


@transaction.atomic
def confirm_bid(*, tender_ref: str, supplier_ref: str, by: str, at: datetime) -> None:
    """Let the supplier's sealed bid stand to the amended terms as it is; twice is once.

    :raises NotFound: no such tender, or none that this supplier may know of.
    :raises NotAllowed: the organisation is no verified supplier or factory.
    :raises BidsClosed: the closing time has come.
    :raises NoBidHere: it has no bid in the box.
    """
    supplier = bidder(supplier_ref)
    tender = open_box(tender_ref, supplier.id, at)
    bid = models.SealedBid.objects.filter(tender=tender, supplier_id=supplier.id, state=BidState.SEALED.value).first()
    if bid is None:
        raise NoBidHere(tender=tender_ref)
    note_terms(tender, bid, by=by, at=at)
