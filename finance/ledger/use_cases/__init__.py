"""Everything anyone may do to the books."""

from finance.ledger.rules import (
    CHART,
    Acct,
    BadJournal,
    Line,
    NewJournal,
    Unbalanced,
    UnknownAccount,
    credit,
    debit,
    mirror,
)
from finance.ledger.use_cases.close_period import close_period
from finance.ledger.use_cases.counters import LimitReached
from finance.ledger.use_cases.hold import HoldExceeded, HoldResolved, expire_holds, hold, post_hold, void_hold
from finance.ledger.use_cases.post import PeriodClosed, post, post_linked
from finance.ledger.use_cases.reverse import AlreadyReversed, reverse
from marketplace.events.use_cases import KeyReused

__all__ = [
    "CHART",
    "Acct",
    "AlreadyReversed",
    "BadJournal",
    "HoldExceeded",
    "HoldResolved",
    "KeyReused",
    "LimitReached",
    "Line",
    "NewJournal",
    "PeriodClosed",
    "Unbalanced",
    "UnknownAccount",
    "close_period",
    "credit",
    "debit",
    "expire_holds",
    "hold",
    "mirror",
    "post",
    "post_hold",
    "post_linked",
    "reverse",
    "void_hold",
]
