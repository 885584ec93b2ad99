"""Book money that somebody has sent us."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from finance.ledger import use_cases as ledger
from finance.ledger.rules import Acct
from finance.treasury import models
from finance.treasury.rules import IN, RECEIPTS, Route
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties


class UnknownPurpose(Refusal):
    """Nobody has said where such money belongs."""

    code = "unknown_purpose"
    status = 400
    words = gettext_noop("A receipt cannot be for {purpose}.")


def book_receipt(
    *, payer_ref: str, amount: Money, bank_reference: str, for_: str, booked_on: date, by: str, at: datetime
) -> str:
    """Book what the bank reports as received; return the journal's ref. The same bank reference books once.

    for_    deposit, advance, bid_bond (into escrow), receivable, or unidentified (suspense)

    :raises UnknownPurpose: another `for_`.
    :raises NotFound: no such payer.
    :raises KeyReused: the bank's reference stands for another receipt.
    :raises BadJournal, PeriodClosed: as `ledger.post`.
    """
    if for_ not in RECEIPTS:
        raise UnknownPurpose(purpose=for_)
    payer = parties.ids_by_ref([payer_ref]).get(payer_ref)
    if payer is None:
        raise NotFound(what="organisation", ref=payer_ref)
    route = Route(IN, Acct(RECEIPTS[for_], payer_ref, amount.currency), amount)
    with transaction.atomic():
        journal_ref = ledger.post(
            key=f"receipt:{bank_reference}",
            lines=route.settled(),
            booked_on=booked_on,
            source_ref=f"receipt:{bank_reference}",
            memo=for_,
            by=by,
            at=at,
        )
        models.BankStatementLine.objects.get_or_create(
            book=route.settles.book,
            bank_reference=bank_reference,
            defaults={
                "cash": route.cash.kind,
                "direction": IN,
                "counterparty_id": payer,
                "amount_minor": amount.minor,
                "currency": amount.currency,
                "purpose": for_,
                "booked_on": booked_on,
                "journal_ref": journal_ref,
                "recorded_by": by,
                "recorded_at": at,
            },
        )
    return journal_ref
