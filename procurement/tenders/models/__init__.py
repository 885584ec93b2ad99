"""The tables of tenders: what is asked, what is sealed, what was opened, what was awarded."""

from procurement.tenders.models.amendment import Amendment, BidTerms, TenderDocument
from procurement.tenders.models.auction import Auction, AuctionEvent, AuctionResult, AuctionSeat
from procurement.tenders.models.award import Award, AwardLine, AwardOverride, AwardRound
from procurement.tenders.models.bid import BidReceipt, SealedBid
from procurement.tenders.models.bond import BidBond, SupplierScore
from procurement.tenders.models.complaint import Complaint
from procurement.tenders.models.dialogue import Interest, Question
from procurement.tenders.models.flag import BidFlag
from procurement.tenders.models.history import BidImport
from procurement.tenders.models.key_holding import KeyHolder, KeyShare, OpeningRecord
from procurement.tenders.models.offer import BidPackage, BidTier, LotOffer, OpenedBid, PackageLot
from procurement.tenders.models.tender import Invitation, Lot, LotLine, LotPool, Tender

__all__ = [
    "Amendment",
    "Auction",
    "AuctionEvent",
    "AuctionResult",
    "AuctionSeat",
    "Award",
    "AwardLine",
    "AwardOverride",
    "AwardRound",
    "BidBond",
    "BidFlag",
    "BidImport",
    "BidPackage",
    "BidReceipt",
    "BidTerms",
    "BidTier",
    "Complaint",
    "Interest",
    "Invitation",
    "KeyHolder",
    "KeyShare",
    "Lot",
    "LotLine",
    "LotOffer",
    "LotPool",
    "OpenedBid",
    "OpeningRecord",
    "PackageLot",
    "Question",
    "SealedBid",
    "SupplierScore",
    "Tender",
    "TenderDocument",
]
