"""What the API of tenders takes and gives."""

from procurement.tenders.serializers.tenders import (
    AwardDetail,
    AwardLineOut,
    AwardOut,
    BidOut,
    LotOfferIn,
    LotOut,
    OfferIn,
    ReceiptKeyOut,
    TenderDetail,
    TenderOut,
    TierIn,
    WantOut,
    exact,
)

__all__ = [
    "AwardDetail",
    "AwardLineOut",
    "AwardOut",
    "BidOut",
    "LotOfferIn",
    "LotOut",
    "OfferIn",
    "ReceiptKeyOut",
    "TenderDetail",
    "TenderOut",
    "TierIn",
    "WantOut",
    "exact",
]
