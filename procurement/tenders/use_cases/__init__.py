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
from procurement.tenders.use_cases.import_bids import BidsRefused, TenderKnown, import_bids
from procurement.tenders.use_cases.loading import FourEyes, OpenedElsewhere
from procurement.tenders.use_cases.open_tender import KeyLost, open_tender
from procurement.tenders.use_cases.prepare_tender import MixedCurrencies, PoolInTender, PoolNotFrozen, prepare_tender
from procurement.tenders.use_cases.publish_tender import ClosingTimePast, publish_tender
from procurement.tenders.use_cases.seal_bid import BidsClosed, KeyExchanged, NoBidHere, Receipt, seal_bid, withdraw_bid

__all__ = [
    "AwardNotConfirmed",
    "AwardRules",
    "BadOffer",
    "BidsClosed",
    "BidsRefused",
    "BoxTampered",
    "CancelNotAsked",
    "ClosingTimePast",
    "FourEyes",
    "KeyExchanged",
    "KeyLost",
    "MixedCurrencies",
    "NoAwardPossible",
    "NoBidHere",
    "OpenedElsewhere",
    "PoolInTender",
    "PoolNotFrozen",
    "Receipt",
    "StandstillRuns",
    "TenderKnown",
    "TermsChanged",
    "TooEarly",
    "ask_to_cancel",
    "award_tender",
    "cancel_tender",
    "close_tender",
    "conclude_tender",
    "import_bids",
    "open_tender",
    "prepare_tender",
    "publish_tender",
    "seal_bid",
    "withdraw_bid",
]
