"""Everything anyone may ask of the books."""

from finance.ledger.queries.balances import (
    PLATFORM_BOOK,
    Statement,
    StatementLine,
    TrialRow,
    accounts_for,
    available,
    balance,
    statement,
    trial_balance,
)
from finance.ledger.queries.journals import JournalView, all_journals, journal_under, journals_about, pending_holds
from finance.ledger.queries.verification import verify

__all__ = [
    "PLATFORM_BOOK",
    "JournalView",
    "Statement",
    "StatementLine",
    "TrialRow",
    "accounts_for",
    "all_journals",
    "available",
    "balance",
    "journal_under",
    "journals_about",
    "pending_holds",
    "statement",
    "trial_balance",
    "verify",
]
