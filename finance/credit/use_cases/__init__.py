"""Everything anyone may do about credit."""

from finance.credit.rules import BadFacility, TermTooLong
from finance.credit.use_cases.accrue_day import accrue_day
from finance.credit.use_cases.approve_drawdown import LimitExhausted, approve_drawdown, refuse_drawdown
from finance.credit.use_cases.open_facility import (
    StillUsed,
    close_facility,
    open_facility,
    resume_facility,
    suspend_facility,
)
from finance.credit.use_cases.receivables import register_receivable, retire_receivables
from finance.credit.use_cases.repay import mark_disbursed, mark_funded, repay
from finance.credit.use_cases.request_funding import (
    FinancedBefore,
    NoFunder,
    NotFinanceable,
    request_funding,
    withdraw_request,
)

__all__ = [
    "BadFacility",
    "FinancedBefore",
    "LimitExhausted",
    "NoFunder",
    "NotFinanceable",
    "StillUsed",
    "TermTooLong",
    "accrue_day",
    "approve_drawdown",
    "close_facility",
    "mark_disbursed",
    "mark_funded",
    "open_facility",
    "refuse_drawdown",
    "register_receivable",
    "repay",
    "request_funding",
    "resume_facility",
    "retire_receivables",
    "suspend_facility",
    "withdraw_request",
]
