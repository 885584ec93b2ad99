"""Record what the bank said of an order: its state, the ledger, the statement, and the news to others."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from finance.ledger import queries as books
from finance.ledger import use_cases as ledger
from finance.treasury import models
from finance.treasury.bank import Answer, Reply
from finance.treasury.events import PaymentRejected, PaymentSettled
from finance.treasury.rules import OUT
from finance.treasury.states import ENDED, PAYMENT, PaymentState
from marketplace.events.use_cases import record
from marketplace.kernel.clock import business_date
from marketplace.kernel.refusals import NotFound, StaleWrite

log = logging.getLogger(__name__)
VERBS = {Answer.ACCEPTED: "accept", Answer.SETTLED: "settle", Answer.REJECTED: "reject"}


def the_payment(ref: str) -> models.PaymentOrder:
    """Return the order named `ref`.

    :raises NotFound: there is none.
    """
    found = models.PaymentOrder.objects.select_related("counterparty").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="payment", ref=ref)
    return found


def record_reply(payment_ref: str, reply: Reply, by: str, at: datetime) -> str:
    """Take the step that the bank's reply calls for; return the state afterwards. A reply heard twice counts once."""
    verb = VERBS.get(reply.answer)
    while True:
        payment = the_payment(payment_ref)
        if verb is None or (payment.state, verb) not in PAYMENT.moves:
            return _note_asked(payment, reply, at)
        try:
            with transaction.atomic(durable=True):
                _take(payment, verb, reply, by, at)
            return payment.state
        except StaleWrite:
            continue  # a twin recorded something first: look again


def lose(payment_ref: str, by: str, at: datetime) -> str:
    """Mark an order that the bank did not answer as `unknown`, unless more is known of it meanwhile."""
    payment = the_payment(payment_ref)
    if payment.state != PaymentState.SENT:
        return payment.state
    try:
        with transaction.atomic(durable=True):
            payment.move("lose", by=by, at=at, why="the bank did not answer", asked_at=at)
    except StaleWrite:
        payment = the_payment(payment_ref)
    return payment.state


def _note_asked(payment: models.PaymentOrder, reply: Reply, at: datetime) -> str:
    """Remember when the bank was asked; cry out when it takes back what it had said."""
    told = {Answer.SETTLED: PaymentState.SETTLED, Answer.REJECTED: PaymentState.REJECTED}.get(reply.answer)
    changes: dict[str, object] = {"asked_at": at}
    if payment.state in ENDED and told is not None and told != payment.state:
        log.error("payment.contradicted", extra={"payment": payment.ref, "state": payment.state, "bank": reply.answer})
        changes["problem"] = "bank_contradicts"
    models.PaymentOrder.objects.filter(pk=payment.pk).update(**changes)
    return payment.state


def _take(payment: models.PaymentOrder, verb: str, reply: Reply, by: str, at: datetime) -> None:
    changes: dict[str, object] = {"asked_at": at, "reason": reply.reason[:200]}
    if reply.bank_reference:
        changes["bank_reference"] = reply.bank_reference
    if verb != "accept":
        changes["ended_at"] = at
    payment.move(verb, by=by, at=at, why=reply.reason, **changes)
    if verb == "settle":
        _settle(payment, by, at)
    elif verb == "reject":
        _reject(payment, by, at)


def _settle(payment: models.PaymentOrder, by: str, at: datetime) -> None:
    route, booked_on = payment.route, business_date(at)
    if route.direction == OUT and route.escrow:
        journal_ref = ledger.post_hold(key=f"payment:{payment.ref}", booked_on=booked_on, by=by, at=at)
    else:
        journal_ref = ledger.post(
            key=f"payment:{payment.ref}:settled",
            lines=route.settled(),
            booked_on=booked_on,
            source_ref=payment.ref,
            memo=payment.purpose,
            by=by,
            at=at,
        )
    models.BankStatementLine.objects.create(
        book=payment.settles_book,
        cash=route.cash.kind,
        direction=payment.direction,
        bank_reference=payment.bank_reference or payment.ref,
        payment=payment,
        counterparty_id=payment.counterparty_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        purpose=payment.purpose,
        booked_on=booked_on,
        journal_ref=journal_ref,
        recorded_by=by,
        recorded_at=at,
    )
    event = PaymentSettled(payment.ref, payment.source_ref, payment.direction, payment.amount_minor, payment.currency)
    record(event, source_ref=payment.ref, at=at)


def _reject(payment: models.PaymentOrder, by: str, at: datetime) -> None:
    """Put things back as they were before it was sent: the exact mirror, or the hold let go."""
    route = payment.route
    if route.through_transit:
        ledger.reverse(
            journal_ref=books.journal_under(f"payment:{payment.ref}:sent"),
            key=f"payment:{payment.ref}:rejected",
            booked_on=business_date(at),
            by=by,
            at=at,
        )
    elif route.direction == OUT:
        ledger.void_hold(key=f"payment:{payment.ref}", by=by, at=at, why=payment.reason)
    event = PaymentRejected(
        payment.ref,
        payment.source_ref,
        payment.direction,
        payment.amount_minor,
        payment.currency,
        payment.reason,
    )
    record(event, source_ref=payment.ref, at=at)
