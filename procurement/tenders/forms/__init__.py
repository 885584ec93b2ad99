"""The forms of tenders' pages."""

from procurement.tenders.forms.around import (
    AmendmentForm,
    AnswerForm,
    AuctionBidForm,
    AuctionForm,
    ComplaintForm,
    DecisionForm,
    HandInForm,
    InviteForm,
    Moment,
    NameHoldersForm,
    OwnKeyForm,
    PaperForm,
    QuestionForm,
    ReasonForm,
    RetenderForm,
    TenderSift,
    TokenForm,
)
from procurement.tenders.forms.bid import (
    BidForm,
)

__all__ = [
    "AmendmentForm",
    "AnswerForm",
    "AuctionBidForm",
    "AuctionForm",
    "BidForm",
    "ComplaintForm",
    "DecisionForm",
    "HandInForm",
    "InviteForm",
    "Moment",
    "NameHoldersForm",
    "OwnKeyForm",
    "PaperForm",
    "QuestionForm",
    "ReasonForm",
    "RetenderForm",
    "TenderSift",
    "TokenForm",
]
