"""An advance of which nothing will be charged is its member's deposit again."""

from __future__ import annotations

from datetime import datetime

from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Money
from marketplace.parties import queries as parties
from procurement.pools import models, rules


def give_back_advance(pool: models.Pool, member: models.Commitment, *, by: str, at: datetime) -> None:
    """Book a member's advance back to its deposits (the mirror of postings, row 2)."""
    owner = parties.ref_of(member.buyer_id)
    amount = Money.from_minor(member.deposit_minor, member.currency)
    ledger_.post(
        key=f"{rules.deposit_key(member.ref)}:returned",
        lines=[
            ledger_.debit(Acct("customer_advances", owner, pool.currency), amount),
            ledger_.credit(Acct("buyer_deposits", owner, pool.currency), amount),
        ],
        booked_on=business_date(at),
        source_ref=pool.ref,
        memo=f"nothing will come of {pool.ref}",
        by=by,
        at=at,
    )
