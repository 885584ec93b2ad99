"""Small judgements about contracts: who gets what of a line, which step holds, what is late, what a change may do."""

from procurement.contracts.rules.call_offs import Bound, Cleared, PriceStep, clear_call_off, price_at
from procurement.contracts.rules.changes import Holding, LineNow, LineWish, cut_shares, faults_of
from procurement.contracts.rules.deliveries import Delivery, Late, cut_deliveries, first_due, late_of
from procurement.contracts.rules.share_out import Share, share_out

MOST_PAPERS = 50  # documents an order may carry
MOST_PAPER_BYTES = 50 * 2**20  # all of them together
MOST_TEXT = 2_000  # characters of a message

__all__ = [
    "MOST_PAPERS",
    "MOST_PAPER_BYTES",
    "MOST_TEXT",
    "Bound",
    "Cleared",
    "Delivery",
    "Holding",
    "Late",
    "LineNow",
    "LineWish",
    "PriceStep",
    "Share",
    "clear_call_off",
    "cut_deliveries",
    "cut_shares",
    "faults_of",
    "first_due",
    "late_of",
    "price_at",
    "share_out",
]
