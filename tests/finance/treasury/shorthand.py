"""A supplier to pay, and the bank that is told to fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.conf import settings

from finance.ledger.use_cases import Acct, credit, debit, post
from finance.treasury import models, queries
from finance.treasury.bank.fake_bank import FakeBank
from finance.treasury.use_cases import create_payment
from marketplace.kernel.money import Money
from marketplace.parties.use_cases import set_bank_account
from tests.cast import Player

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
KEY = "settle:2026-03-02:OB-2026-0001:pay"
TRANSIT = Acct("in_transit")
BANK = Acct("cash_bank")


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


def bank() -> FakeBank:
    return FakeBank(settings.FAKE_BANK_FILE)


def payable(to: Player) -> Acct:
    return Acct("supplier_payable", owner=to.org)


def owe(to: Player, amount: str = "100.00") -> None:
    """Book an invoice that the platform owes."""
    lines = [debit(Acct("cost_of_sales"), cny(amount)), credit(payable(to), cny(amount))]
    post(key=f"invoice:{to.org}", lines=lines, booked_on=AT.date(), source_ref="VI-2026-0001", by="user:wei", at=AT)


def give_account(to: Player, at: datetime = AT) -> None:
    set_bank_account(
        organisation_ref=to.org,
        holder="Tengda Casting 腾达铸造",
        bank_code="102100099996",
        number="6222020200012345678",
        by=to.by,
        at=at,
    )


def order(
    to: Player, amount: str = "100.00", *, key: str = KEY, direction: str = "out", settles: Acct | None = None
) -> str:
    return create_payment(
        key=key,
        direction=direction,
        counterparty_ref=to.org,
        amount=cny(amount),
        purpose="Invoice VI-2026-0001",
        source_ref="OB-2026-0001",
        settles=settles or payable(to),
        by="system:settlement",
        at=AT,
    )


def state_of(ref: str) -> str:
    return queries.payment(ref).state


def steps_of(ref: str) -> list[str]:
    from marketplace.events.queries import history

    return [step.verb for step in history(ref)]


def traces() -> tuple[object, ...]:
    """Everything a refusal must leave as it was."""
    rows = models.PaymentOrder.objects.order_by("pk").values_list("ref", "state", "revision")
    return list(rows), models.BankStatementLine.objects.count()
