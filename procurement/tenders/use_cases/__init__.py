"""Everything anyone may do to tenders, one verb a function."""

from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.bid_workbook import BadWorkbook
from procurement.tenders.rules.offers import BadOffer
from procurement.tenders.rules.procedures import Conditions, Milestone
from procurement.tenders.rules.rounds import AwardNotConfirmed, NoAwardPossible
from procurement.tenders.rules.terms import AwardRules
from procurement.tenders.use_cases.amendments import (
    AmendmentWaits,
    propose_amendment,
    publish_amendment,
    withdraw_amendment,
)
from procurement.tenders.use_cases.auctions import (
    AuctionPlannedAlready,
    AuctionsLeft,
    NoAuctionHere,
    advance_auction,
    call_off_auction,
    pass_turn,
    place_auction_bid,
    start_auction,
)
from procurement.tenders.use_cases.award_tender import (
    BoxTampered,
    ComplaintWaits,
    StandstillRuns,
    TermsChanged,
    award_tender,
    conclude_tender,
)
from procurement.tenders.use_cases.bonds import (
    BondLodged,
    BondNeeded,
    BoxShut,
    NoBond,
    NoBondAsked,
    forfeit_bond,
    lodge_bond,
    release_bond,
    take_back_bond,
)
from procurement.tenders.use_cases.cancel_tender import CancelNotAsked, ask_to_cancel, cancel_tender
from procurement.tenders.use_cases.close_tender import TooEarly, close_tender
from procurement.tenders.use_cases.complaints import (
    ComplaintLodged,
    StandstillOver,
    decide_complaint,
    lodge_complaint,
    propose_decision,
    withdraw_complaint,
)
from procurement.tenders.use_cases.confirm_bid import confirm_bid
from procurement.tenders.use_cases.deal_shares import HolderNotActive, name_key_holders
from procurement.tenders.use_cases.documents import Paper, PaperKnown, add_document, remove_document
from procurement.tenders.use_cases.hand_in_share import (
    BadShareFile,
    BoxNotClosed,
    HoldingAltered,
    Session,
    ShareGivenTwice,
    ShareOfAnother,
    ShareOfOtherTender,
    WrongShare,
    WrongToken,
    acknowledge_share,
    give_back_shares,
    hand_in_share,
)
from procurement.tenders.use_cases.holder_keys import (
    HolderKeyKnown,
    confirm_holder_key,
    propose_holder_key,
    refuse_holder_key,
    retire_holder_key,
)
from procurement.tenders.use_cases.import_bids import BidsRefused, TenderKnown, import_bids
from procurement.tenders.use_cases.interest import show_interest
from procurement.tenders.use_cases.invitations import (
    BidStands,
    InvitedAlready,
    NotQualified,
    decline_invitation,
    invite_supplier,
    record_scores,
    withdraw_invitation,
)
from procurement.tenders.use_cases.loading import FourEyes, OpenedElsewhere
from procurement.tenders.use_cases.open_tender import KeyLost, SharesMissing, open_tender
from procurement.tenders.use_cases.override_award import (
    OverrideAsked,
    approve_override,
    ask_to_override,
    refuse_override,
)
from procurement.tenders.use_cases.prepare_tender import MixedCurrencies, PoolInTender, PoolNotFrozen, prepare_tender
from procurement.tenders.use_cases.price_constraints import price_constraints
from procurement.tenders.use_cases.publish_tender import ClosingTimePast, publish_tender
from procurement.tenders.use_cases.questions import (
    AnswersClosed,
    QuestionsClosed,
    TooManyQuestions,
    answer_question,
    ask_question,
    set_question_aside,
)
from procurement.tenders.use_cases.retender import NothingToRetender, retender
from procurement.tenders.use_cases.screen_tender import (
    AnsweredAlready,
    ask_to_justify,
    justify_price,
    screen_tender,
)
from procurement.tenders.use_cases.seal_bid import BidsClosed, KeyExchanged, NoBidHere, Receipt, seal_bid, withdraw_bid
from procurement.tenders.use_cases.seal_workbook import seal_workbook

__all__ = [
    "AmendmentWaits",
    "AnsweredAlready",
    "AnswersClosed",
    "AuctionPlannedAlready",
    "AuctionsLeft",
    "AwardNotConfirmed",
    "AwardRules",
    "BadOffer",
    "BadShareFile",
    "BadWorkbook",
    "BidStands",
    "BidTerms",
    "BidsClosed",
    "BidsRefused",
    "BondLodged",
    "BondNeeded",
    "BoxNotClosed",
    "BoxShut",
    "BoxTampered",
    "CancelNotAsked",
    "ClosingTimePast",
    "ComplaintLodged",
    "ComplaintWaits",
    "Conditions",
    "FourEyes",
    "HolderKeyKnown",
    "HolderNotActive",
    "HoldingAltered",
    "InvitedAlready",
    "KeyExchanged",
    "KeyLost",
    "Milestone",
    "MixedCurrencies",
    "NoAuctionHere",
    "NoAwardPossible",
    "NoBidHere",
    "NoBond",
    "NoBondAsked",
    "NotQualified",
    "NothingToRetender",
    "OpenedElsewhere",
    "OverrideAsked",
    "Paper",
    "PaperKnown",
    "PoolInTender",
    "PoolNotFrozen",
    "QuestionsClosed",
    "Receipt",
    "Session",
    "ShareGivenTwice",
    "ShareOfAnother",
    "ShareOfOtherTender",
    "SharesMissing",
    "StandstillOver",
    "StandstillRuns",
    "TenderKnown",
    "TermsChanged",
    "TooEarly",
    "TooManyQuestions",
    "WrongShare",
    "WrongToken",
    "acknowledge_share",
    "add_document",
    "advance_auction",
    "answer_question",
    "approve_override",
    "ask_question",
    "ask_to_cancel",
    "ask_to_justify",
    "ask_to_override",
    "award_tender",
    "call_off_auction",
    "cancel_tender",
    "close_tender",
    "conclude_tender",
    "confirm_bid",
    "confirm_holder_key",
    "decide_complaint",
    "decline_invitation",
    "forfeit_bond",
    "give_back_shares",
    "hand_in_share",
    "import_bids",
    "invite_supplier",
    "justify_price",
    "lodge_bond",
    "lodge_complaint",
    "name_key_holders",
    "open_tender",
    "pass_turn",
    "place_auction_bid",
    "prepare_tender",
    "price_constraints",
    "propose_amendment",
    "propose_decision",
    "propose_holder_key",
    "publish_amendment",
    "publish_tender",
    "record_scores",
    "refuse_holder_key",
    "refuse_override",
    "release_bond",
    "remove_document",
    "retender",
    "retire_holder_key",
    "screen_tender",
    "seal_bid",
    "seal_workbook",
    "set_question_aside",
    "show_interest",
    "start_auction",
    "take_back_bond",
    "withdraw_amendment",
    "withdraw_bid",
    "withdraw_complaint",
    "withdraw_invitation",
]
