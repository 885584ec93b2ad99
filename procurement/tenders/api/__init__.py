"""Tenders over the API."""

from procurement.tenders.api.comparing import Overrides
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
    "OfferParser",
    "Overrides",
    "Tenders",
]
