"""Everything anyone may do to tenders, one verb a function."""

from procurement.tenders.rules.offers import BadOffer
from procurement.tenders.rules.rounds import AwardNotConfirmed, NoAwardPossible
from procurement.tenders.rules.terms import AwardRules
from procurement.tenders.use_cases.award_tender import (
    BoxTampered,
    StandstillRuns,
    TermsChanged,
    award_tender,
    conclude_tender,
)
from procurement.tenders.use_cases.cancel_tender import CancelNotAsked, ask_to_cancel, cancel_tender
from procurement.tenders.use_cases.close_tender import TooEarly, close_tender
from procurement.tenders.use_cases.deal_shares import HolderNotActive, name_key_holders
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
from procurement.tenders.use_cases.loading import FourEyes, OpenedElsewhere
from procurement.tenders.use_cases.open_tender import KeyLost, SharesMissing, open_tender
from procurement.tenders.use_cases.prepare_tender import MixedCurrencies, PoolInTender, PoolNotFrozen, prepare_tender
from procurement.tenders.use_cases.publish_tender import ClosingTimePast, publish_tender
from procurement.tenders.use_cases.seal_bid import BidsClosed, KeyExchanged, NoBidHere, Receipt, seal_bid, withdraw_bid

__all__ = [
    "AwardNotConfirmed",
    "AwardRules",
    "BadOffer",
    "BadShareFile",
    "BidsClosed",
    "BidsRefused",
    "BoxNotClosed",
    "BoxTampered",
    "CancelNotAsked",
    "ClosingTimePast",
    "FourEyes",
    "HolderKeyKnown",
    "HolderNotActive",
    "HoldingAltered",
    "KeyExchanged",
    "KeyLost",
    "MixedCurrencies",
    "NoAwardPossible",
    "NoBidHere",
    "OpenedElsewhere",
    "PoolInTender",
    "PoolNotFrozen",
    "Receipt",
    "Session",
    "ShareGivenTwice",
    "ShareOfAnother",
    "ShareOfOtherTender",
    "SharesMissing",
    "StandstillRuns",
    "TenderKnown",
    "TermsChanged",
    "TooEarly",
    "WrongShare",
    "WrongToken",
    "acknowledge_share",
    "ask_to_cancel",
    "award_tender",
    "cancel_tender",
    "close_tender",
    "conclude_tender",
    "confirm_holder_key",
    "give_back_shares",
    "hand_in_share",
    "import_bids",
    "name_key_holders",
    "open_tender",
    "prepare_tender",
    "propose_holder_key",
    "publish_tender",
    "refuse_holder_key",
    "retire_holder_key",
    "seal_bid",
    "withdraw_bid",
]
