"""Tenders over the API."""

from procurement.tenders.api.opening import KeyHolders, KeyShares, Openings
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
    "Awards",
    "BidFeed",
    "Bids",
    "KeyHolders",
    "KeyShares",
    "OfferParser",
    "Openings",
    "Tenders",
]
