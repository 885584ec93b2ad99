"""Ask the bank what became of a payment order."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from finance.treasury import models
from finance.treasury.bank import Answer, BankTimeout, the_bank
from finance.treasury.states import ENDED, PaymentState
from finance.treasury.use_cases.call import instruct, instruction_of, own_number
from finance.treasury.use_cases.outcome import lose, record_reply, the_payment
from marketplace.kernel.refusals import Refusal, StaleWrite
from marketplace.kernel.words import gettext_noop


class NotSentYet(Refusal):
    """There is nothing to ask the bank about."""

    code = "payment_not_sent"
    words = gettext_noop("{payment} has not been sent yet.")


def confirm_payment(*, payment_ref: str, by: str, at: datetime) -> str:
    """Ask the bank and take the step that its answer calls for; return the state afterwards.

    Only when the bank itself vouches that it holds nothing under the order's key (we died between claim and call, or
    the call was lost) is the order given to it again, under the same key. Silence changes nothing but `sent` to
    `unknown`. Not to be called inside a transaction.

    :raises NotFound: no such order.
    :raises NotSentYet: it has not been sent.
    """
    payment = the_payment(payment_ref)
    if payment.state == PaymentState.CREATED:
        raise NotSentYet(payment=payment_ref)
    if payment.state in ENDED:
        return payment.state
    try:
        reply = the_bank().status(payment.key, own_number(payment.settles_book, at))
    except BankTimeout:
        return lose(payment_ref, by, at)
    if reply.answer == Answer.UNHEARD:
        return _repeat(payment, by, at)
    return record_reply(payment_ref, reply, by, at)


def _repeat(payment: models.PaymentOrder, by: str, at: datetime) -> str:
    """Give the bank again what it has never had; one of several askers does."""
    if payment.state == PaymentState.ACCEPTED:
        models.PaymentOrder.objects.filter(pk=payment.pk).update(problem="bank_denies", asked_at=at)
        return payment.state
    try:
        with transaction.atomic(durable=True):
            payment.move("repeat", by=by, at=at, why="the bank holds nothing under this key", asked_at=at)
    except StaleWrite:
        return the_payment(payment.ref).state
    return instruct(payment.key, instruction_of(payment, at), by, at)
