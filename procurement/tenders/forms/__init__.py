"""How lists of tenders are narrowed, and what a supplier fills in to bid."""

from procurement.tenders.forms.bidding import BidForm
from procurement.tenders.forms.lists import TenderSift

__all__ = ["BidForm", "TenderSift"]
