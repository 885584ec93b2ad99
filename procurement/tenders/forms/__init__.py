"""The forms of tenders' pages."""

from procurement.tenders.forms.around import (
    AmendmentForm,
    AnswerForm,
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
