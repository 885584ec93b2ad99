"""Everything anyone may ask of the books."""

from finance.ledger.queries.balances import (
    Statement,
    StatementLine,
    TrialRow,
    accounts_for,
    available,
    balance,
    statement,
    trial_balance,
)
from finance.ledger.queries.journals import JournalView, journals_about
from finance.ledger.queries.verification import verify

__all__ = [
    "JournalView",
    "Statement",
    "StatementLine",
    "TrialRow",
    "accounts_for",
    "available",
    "balance",
    "journals_about",
    "statement",
    "trial_balance",
    "verify",
]
