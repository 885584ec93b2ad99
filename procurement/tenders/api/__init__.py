"""Tenders over the API."""

from procurement.tenders.api.auctions import Auctions
from procurement.tenders.api.comparing import Overrides
from procurement.tenders.api.opening import KeyHolders, KeyShares, Openings
from procurement.tenders.api.procedures import Amendments, Bonds, Complaints, Documents, Invitations, Questions
from procurement.tenders.api.tenders import (
    SECONDS_TO_AWARD,
    Awards,
    BidFeed,
    Bids,
    OfferParser,
    Tenders,
)

__all__ = [
    "SECONDS_TO_AWARD",
    "Amendments",
    "Auctions",
    "Awards",
    "BidFeed",
    "Bids",
    "Bonds",
    "Complaints",
    "Documents",
    "Invitations",
    "KeyHolders",
    "KeyShares",
    "OfferParser",
    "Openings",
    "Overrides",
    "Questions",
    "Tenders",
]
