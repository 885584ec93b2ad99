"""Money of a drawdown has moved: in from the financier, out to the supplier, back at maturity."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from finance.credit import events, models
from finance.credit.states import DrawdownState
from finance.credit.use_cases.accrue_day import book_until
from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct, credit, debit
from marketplace.events import use_cases as events_
from marketplace.kernel.money import Money
from marketplace.parties import queries as parties


def _rows(refs: Collection[str]) -> list[models.Drawdown]:
    rows = models.Drawdown.objects.select_related("facility", "receivable").filter(ref__in=list(refs))
    return list(rows.order_by("pk"))


@transaction.atomic
def mark_funded(*, drawdown_refs: Collection[str], on: date, by: str, at: datetime) -> list[str]:
    """The financier's money for these drawdowns has come; return those that were not funded before.

    In the financier's book the money leaves its bank and it owes us nothing more for them.
    """
    done = []
    for drawdown in _rows(drawdown_refs):
        if drawdown.state != DrawdownState.APPROVED:
            continue
        drawdown.move("fund", by=by, at=at)
        advance = Money.from_minor(drawdown.advance_minor, drawdown.currency)
        _in_own_book(drawdown, "advance", ("due_from_platform", "cash_bank"), advance, on=on, by=by, at=at)
        done.append(drawdown.ref)
    return done


@transaction.atomic
def mark_disbursed(*, drawdown_refs: Collection[str], by: str, at: datetime) -> list[str]:
    """The suppliers have their money for these drawdowns; return those that had not before."""
    done = []
    for drawdown in _rows(drawdown_refs):
        if drawdown.state != DrawdownState.FUNDED:
            continue
        drawdown.move("disburse", by=by, at=at)
        supplier = parties.ref_of(drawdown.receivable.creditor_id)
        fact = events.DrawdownDisbursed(drawdown.ref, supplier, drawdown.advance_minor, drawdown.currency)
        events_.record(fact, source_ref=drawdown.ref, at=at)
        done.append(drawdown.ref)
    return done


@transaction.atomic
def repay(*, drawdown_refs: Collection[str], on: date, by: str, at: datetime) -> list[str]:
    """These drawdowns are repaid at face; return those that were not before.

    What was not accrued yet is booked first, so that the discount is earned to the cent; the limit is free again; the
    financier's book shows the money and the claim gone.

    :raises IllegalMove: the financier's money for one of them never came.
    """
    done = []
    for drawdown in _rows(drawdown_refs):
        if drawdown.state == DrawdownState.REPAID:
            continue
        facility = models.Facility.objects.filter(pk=drawdown.facility_id)
        facility.update(used_minor=F("used_minor") - drawdown.face_minor)
        if (drawdown.accrued_until or drawdown.funded_on) < drawdown.matures_on:
            book_until(drawdown, drawdown.matures_on, booked_on=on, by=by, at=at)
        drawdown.move("repay", by=by, at=at, repaid_on=on)
        drawdown.receivable.move("settle", by=by, at=at)
        _release(drawdown, on, by, at)
        done.append(drawdown.ref)
    return done


def _release(drawdown: models.Drawdown, on: date, by: str, at: datetime) -> None:
    face = Money.from_minor(drawdown.face_minor, drawdown.currency)
    facility = drawdown.facility.ref
    ledger_.post(
        key=f"limit-free:{drawdown.ref}",
        lines=[
            debit(Acct("memo_limit_available", facility, drawdown.currency), face),
            credit(Acct("memo_limit_reserved", facility, drawdown.currency), face),
        ],
        booked_on=on,
        source_ref=drawdown.ref,
        memo="limit released",
        by=by,
        at=at,
    )
    _in_own_book(drawdown, "repaid", ("cash_bank", "purchased_receivable"), face, on=on, by=by, at=at)
    financier = parties.ref_of(drawdown.facility.financier_id)
    fact = events.DrawdownRepaid(drawdown.ref, facility, financier, drawdown.face_minor, drawdown.currency)
    events_.record(fact, source_ref=drawdown.ref, at=at)


def _in_own_book(
    drawdown: models.Drawdown, what: str, kinds: tuple[str, str], amount: Money, *, on: date, by: str, at: datetime
) -> None:
    """Post one debit and one credit in the financier's own book."""
    book = parties.ref_of(drawdown.facility.financier_id)
    debited, credited = (Acct(kind, "", drawdown.currency, book) for kind in kinds)
    ledger_.post(
        key=f"{what}:{drawdown.ref}",
        lines=[debit(debited, amount), credit(credited, amount)],
        booked_on=on,
        source_ref=drawdown.ref,
        memo=what,
        by=by,
        at=at,
    )
