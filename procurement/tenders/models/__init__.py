"""The tables of tenders: what is asked, what is sealed, what was opened, what was awarded."""

from procurement.tenders.models.award import Award, AwardLine, AwardRound
from procurement.tenders.models.bid import BidReceipt, SealedBid
from procurement.tenders.models.history import BidImport
from procurement.tenders.models.offer import BidTier, LotOffer, OpenedBid
from procurement.tenders.models.tender import Invitation, Lot, LotLine, LotPool, Tender

__all__ = [
    "Award",
    "AwardLine",
    "AwardRound",
    "BidImport",
    "BidReceipt",
    "BidTier",
    "Invitation",
    "Lot",
    "LotLine",
    "LotOffer",
    "LotPool",
    "OpenedBid",
    "SealedBid",
    "Tender",
]
