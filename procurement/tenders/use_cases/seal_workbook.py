"""Put a bid into the box that came as the tender's own workbook: read in memory, sealed at once, kept nowhere."""

from __future__ import annotations

from datetime import datetime

from django.views.decorators.debug import sensitive_variables

from marketplace.kernel.refusals import NotFound
from procurement.tenders import models, queries
from procurement.tenders.rules.bid_workbook import read_workbook
from procurement.tenders.use_cases.seal_bid import Receipt, seal_bid


@sensitive_variables()
def seal_workbook(*, tender_ref: str, supplier_ref: str, content: bytes, by: str, at: datetime) -> Receipt:
    """Seal what the supplier's filled-in workbook says and return the receipt; an earlier bid of its is replaced.

    :raises NotFound: no such tender.
    :raises BadWorkbook: the workbook is not this tender's, or no offer that stands; nothing is sealed.

    What `seal_bid` raises it raises too.
    """
    tender = models.Tender.objects.filter(ref=tender_ref, historic=False).first()
    if tender is None:
        raise NotFound(what="tender", ref=tender_ref)
    offer = read_workbook(content, tender_ref, queries.terms_of(tender))
    return seal_bid(tender_ref=tender_ref, supplier_ref=supplier_ref, offer=offer.document(), by=by, at=at)
