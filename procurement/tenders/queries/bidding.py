"""What a bidder asks before it bids."""

from __future__ import annotations

from procurement.tenders import models
from procurement.tenders.queries.reading import terms_of
from procurement.tenders.rules.bid_template import NamedLot, template


def bid_form(row: models.Tender) -> bytes:
    """Return the tender's own workbook to fill in."""
    lots = [NamedLot(lot.ref, lot.description, lot.unit) for lot in row.lots.order_by("position")]
    return template(row.ref, terms_of(row), lots)
