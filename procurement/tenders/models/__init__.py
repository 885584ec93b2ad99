"""The tables of tenders: what is asked, what is sealed, what was opened, what was awarded."""

from procurement.tenders.models.award import Award, AwardLine, AwardOverride, AwardRound
from procurement.tenders.models.bid import BidReceipt, SealedBid
from procurement.tenders.models.flag import BidFlag
from procurement.tenders.models.history import BidImport
from procurement.tenders.models.offer import BidPackage, BidTier, LotOffer, OpenedBid, PackageLot
from procurement.tenders.models.tender import Invitation, Lot, LotLine, LotPool, Tender

__all__ = [
    "Award",
    "AwardLine",
    "AwardOverride",
    "AwardRound",
    "BidFlag",
    "BidImport",
    "BidPackage",
    "BidReceipt",
    "BidTier",
    "Invitation",
    "Lot",
    "LotLine",
    "LotOffer",
    "LotPool",
    "OpenedBid",
    "PackageLot",
    "SealedBid",
    "Tender",
]
