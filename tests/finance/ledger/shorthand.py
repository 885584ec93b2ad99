"""The cast's accounts, and shorthand for money."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from finance.ledger import models
from finance.ledger.use_cases import Acct, credit, debit, post
from marketplace.kernel.money import Money

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = date(2026, 3, 2)
LIN, BAO, TENG = "OR-2026-0001", "OR-2026-0002", "OR-2026-0003"
ESCROW = Acct("cash_escrow")
BANK = Acct("cash_bank")
LINS_DEPOSIT = Acct("buyer_deposits", owner=LIN)
LINS_ADVANCE = Acct("customer_advances", owner=LIN)


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


def pay_in(amount: str, *, key: str = "deposit:1", owner: str = LIN, booked_on: date = DAY) -> str:
    """Book a buyer's deposit as received in escrow."""
    lines = [debit(ESCROW, cny(amount)), credit(Acct("buyer_deposits", owner=owner), cny(amount))]
    return post(key=key, lines=lines, booked_on=booked_on, source_ref=f"deposit:{owner}", by="user:wei", at=AT)


def books() -> tuple[list[tuple[object, ...]], int, int]:
    """Everything a refusal must leave as it was."""
    counters = models.Account.objects.order_by("pk").values_list(
        "pk", "version", "debits_posted", "credits_posted", "debits_pending", "credits_pending"
    )
    return list(counters), models.Journal.objects.count(), models.Entry.objects.count()
