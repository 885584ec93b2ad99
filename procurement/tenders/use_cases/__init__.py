"""Everything anyone may do to tenders, one verb a function."""

from procurement.tenders.rules.bid_terms import BidTerms
from procurement.tenders.rules.bid_workbook import BadWorkbook
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
from procurement.tenders.use_cases.override_award import (
    OverrideAsked,
    approve_override,
    ask_to_override,
    refuse_override,
)
from procurement.tenders.use_cases.prepare_tender import MixedCurrencies, PoolInTender, PoolNotFrozen, prepare_tender
from procurement.tenders.use_cases.price_constraints import price_constraints
from procurement.tenders.use_cases.publish_tender import ClosingTimePast, publish_tender
from procurement.tenders.use_cases.screen_tender import (
    AnsweredAlready,
    ask_to_justify,
    justify_price,
    screen_tender,
)
from procurement.tenders.use_cases.seal_bid import BidsClosed, KeyExchanged, NoBidHere, Receipt, seal_bid, withdraw_bid
from procurement.tenders.use_cases.seal_workbook import seal_workbook

__all__ = [
    "AnsweredAlready",
    "AwardNotConfirmed",
    "AwardRules",
    "BadOffer",
    "BadWorkbook",
    "BidTerms",
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
    "OverrideAsked",
    "PoolInTender",
    "PoolNotFrozen",
    "Receipt",
    "StandstillRuns",
    "TenderKnown",
    "TermsChanged",
    "TooEarly",
    "approve_override",
    "ask_to_cancel",
    "ask_to_justify",
    "ask_to_override",
    "award_tender",
    "cancel_tender",
    "close_tender",
    "conclude_tender",
    "import_bids",
    "justify_price",
    "open_tender",
    "prepare_tender",
    "price_constraints",
    "publish_tender",
    "refuse_override",
    "screen_tender",
    "seal_bid",
    "seal_workbook",
    "withdraw_bid",
]
