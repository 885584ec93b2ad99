"""Send a payment order to the bank, once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from finance.ledger import use_cases as ledger
from finance.treasury import models
from finance.treasury.bank import Instruction
from finance.treasury.rules import OUT
from finance.treasury.states import PaymentState
from finance.treasury.use_cases.call import instruct, instruction_of
from finance.treasury.use_cases.confirm_payment import confirm_payment
from finance.treasury.use_cases.outcome import the_payment
from marketplace.kernel.clock import business_date
from marketplace.kernel.refusals import Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties


class NoBankAccount(Refusal):
    """The counterparty has no bank account that may be used now; the order waits and is tried again."""

    code = "no_bank_account"
    words = gettext_noop("{organisation} has no usable bank account; {payment} waits for one.")


def send_payment(*, payment_ref: str, by: str, at: datetime) -> str:
    """Send a payment order and return its state afterwards. Not to be called inside a transaction.

    Claims the order and books it in transit in one transaction, calls the bank outside of any, and records the answer
    in another. Whoever comes second, or again after a crash, asks what became of it instead (`confirm_payment`).

    :raises NotFound: no such order.
    :raises NoBankAccount: a payout to an organisation without a usable account; the order keeps the problem's name.
    :raises LimitReached, PeriodClosed: the ledger refuses row 24; nothing has happened.
    """
    payment = the_payment(payment_ref)
    if payment.state != PaymentState.CREATED:
        return confirm_payment(payment_ref=payment_ref, by=by, at=at)
    where = _where_to(payment, at)
    try:
        instruction = _claim(payment, where, by, at)
    except StaleWrite:
        return the_payment(payment_ref).state  # a twin has claimed it and is calling the bank at this moment
    return instruct(payment.key, instruction, by, at)


def _where_to(payment: models.PaymentOrder, at: datetime) -> dict[str, str]:
    """Return the bank details that the order is to carry; a collection may go without."""
    details = parties.bank_account_of(payment.counterparty.ref, at)
    if details is not None:
        return {"holder": details.holder, "bank_code": details.bank_code, "number": details.number}
    if payment.direction == OUT:
        waiting = models.PaymentOrder.objects.filter(pk=payment.pk, state=PaymentState.CREATED.value)
        waiting.update(problem=NoBankAccount.code, asked_at=at)
        raise NoBankAccount(payment=payment.ref, organisation=payment.counterparty.ref)
    return {}


def _claim(payment: models.PaymentOrder, where: dict[str, str], by: str, at: datetime) -> Instruction:
    """Take the order, note where it goes, and book it; committed before anyone hears of it."""
    with transaction.atomic(durable=True):
        payment.move("send", by=by, at=at, sent_at=at, asked_at=at, problem="", **where)
        _book_sent(payment, by, at)
        return instruction_of(payment, at)


def _book_sent(payment: models.PaymentOrder, by: str, at: datetime) -> None:
    route = payment.route
    if route.through_transit:
        ledger.post(
            key=f"payment:{payment.ref}:sent",
            lines=route.sent(),
            booked_on=business_date(at),
            source_ref=payment.ref,
            memo=payment.purpose,
            by=by,
            at=at,
        )
    elif route.direction == OUT:
        ledger.hold(
            key=f"payment:{payment.ref}",
            debit=route.settles,
            credit=route.cash,
            amount=route.amount,
            source_ref=payment.ref,
            by=by,
            at=at,
        )
