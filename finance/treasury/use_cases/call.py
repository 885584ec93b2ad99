"""Call the bank for an order that is claimed."""

from __future__ import annotations

import secrets
from datetime import datetime

from finance.treasury import models
from finance.treasury.bank import BankTimeout, Instruction, the_bank
from finance.treasury.use_cases.outcome import lose, record_reply
from marketplace.kernel.clock import business_date


def instruct(key: str, instruction: Instruction, by: str, at: datetime) -> str:
    """Call the bank for an order that is claimed, and record what it says; silence leaves the order `unknown`."""
    try:
        reply = the_bank().instruct(key, instruction)
    except BankTimeout:
        return lose(instruction.ref, by, at)
    return record_reply(instruction.ref, reply, by, at)


def instruction_of(payment: models.PaymentOrder, at: datetime) -> Instruction:
    """Return what the bank is told of an order that is claimed."""
    return Instruction(
        ref=payment.ref,
        account=own_number(payment.settles_book, at),
        direction=payment.direction,
        amount=payment.amount,
        holder=payment.holder,
        bank_code=payment.bank_code,
        number=payment.number,
        purpose=payment.purpose,
        on=business_date(at),
    )


def own_number(book: str, at: datetime) -> str:
    """Return the number of the book's own account, given out by chance when it is first needed."""
    number = f"62{secrets.randbelow(10**15):015d}"
    account, _ = models.OwnAccount.objects.get_or_create(book=book, defaults={"number": number, "opened_at": at})
    return account.number
