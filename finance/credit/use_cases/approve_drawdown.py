"""A financier takes a claim over, or does not."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from finance.credit import events, models, rules
from finance.credit.states import FacilityState, ReceivableState
from finance.credit.use_cases.request_funding import NotFinanceable, the_drawdown
from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct, NewJournal, credit, debit
from marketplace.events import use_cases as events_
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties


class LimitExhausted(Refusal):
    """The facility has not that much left, or takes no drawdowns now."""

    code = "limit_exhausted"
    words = gettext_noop("{facility} is {state} and has {left} left; {wanted} was asked for.")


@transaction.atomic
def approve_drawdown(*, drawdown_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Take the claim over: the limit is taken, the supplier's claim becomes the financier's, terms are fixed for today.

    Rows 7 and 8 in the platform's book; in the financier's own the claim at face against what it owes us now and the
    discount it will earn.

    :raises NotFound: there is no such drawdown.
    :raises IllegalMove: it was decided already.
    :raises LimitExhausted: not enough is left under the facility, or it is not open.
    :raises NotFinanceable: the debtor pays the claim in the ordinary way meanwhile.
    :raises TermTooLong: the claim has matured meanwhile.
    """
    drawdown = the_drawdown(drawdown_ref)
    models.Drawdown.machine.after(drawdown.state, "approve")
    _take_limit(drawdown)
    facility, receivable, today = drawdown.facility, drawdown.receivable, business_date(at)
    if receivable.state != ReceivableState.OFFERED:
        raise NotFinanceable(invoice=receivable.source_ref, state=receivable.state)
    rules.must_fit(facility.ref, facility.tenor_days, today, receivable.due_on)
    receivable.move("fund", by=by, at=at)
    face = Money.from_minor(drawdown.face_minor, drawdown.currency)
    terms = rules.quote(face, facility.rate_percent, facility.day_count, today, receivable.due_on)
    drawdown.move(
        "approve",
        by=by,
        at=at,
        why=why,
        funded_on=today,
        discount_minor=terms.discount.minor,
        advance_minor=terms.advance.minor,
    )
    refs = parties.refs_by_id([facility.financier_id, receivable.creditor_id])
    financier, supplier = refs[facility.financier_id], refs[receivable.creditor_id]
    ledger_.post_linked(journals=_journals(drawdown, terms, financier, supplier, today), by=by, at=at)
    _tell(drawdown, financier, supplier, at)


def _take_limit(drawdown: models.Drawdown) -> None:
    """Take the face off what is left of the limit, in one conditional update, before anything else is written."""
    face = drawdown.face_minor
    room = models.Facility.objects.filter(
        pk=drawdown.facility_id, state=FacilityState.OPEN.value, used_minor__lte=F("limit_minor") - face
    )
    if not room.update(used_minor=F("used_minor") + face):
        facility = drawdown.facility
        left = Money.from_minor(facility.limit_minor - facility.used_minor, facility.currency)
        wanted = Money.from_minor(face, facility.currency)
        raise LimitExhausted(facility=facility.ref, state=facility.state, left=str(left), wanted=str(wanted))


def _journals(
    drawdown: models.Drawdown, terms: rules.Terms, financier: str, supplier: str, today: date
) -> list[NewJournal]:
    """Return row 7, row 8 and the purchase in the financier's book."""
    currency, source, facility = drawdown.currency, drawdown.ref, drawdown.facility.ref
    face, discount, advance = terms.face, terms.discount, terms.advance

    def own(kind: str, owner: str = "") -> Acct:
        return Acct(kind, owner, currency, book=financier)

    reserved = [
        debit(Acct("memo_limit_reserved", facility, currency), face),
        credit(Acct("memo_limit_available", facility, currency), face),
    ]
    sold = [
        debit(Acct("supplier_payable", supplier, currency), face),
        credit(Acct("funder_payable", financier, currency), face),
        debit(Acct("cash_clearing", financier, currency), advance),
        credit(Acct("cash_clearing", supplier, currency), advance),
    ]
    bought = [debit(own("purchased_receivable"), face), credit(own("due_from_platform"), advance)]
    if discount:
        bought.append(credit(own("unearned_discount"), discount))
    return [
        NewJournal(f"limit:{source}", reserved, today, source, "limit reserved"),
        NewJournal(f"sold:{source}", sold, today, source, "claim sold to the funder"),
        NewJournal(f"bought:{source}", bought, today, source, "claim bought"),
    ]


def _tell(drawdown: models.Drawdown, financier: str, supplier: str, at: datetime) -> None:
    approved = events.DrawdownApproved(
        drawdown.ref,
        drawdown.facility.ref,
        financier,
        supplier,
        drawdown.receivable.source_ref,
        drawdown.face_minor,
        drawdown.discount_minor,
        drawdown.advance_minor,
        drawdown.currency,
        drawdown.funded_on,
        drawdown.matures_on,
    )
    events_.record(approved, source_ref=drawdown.ref, at=at)


@transaction.atomic
def refuse_drawdown(*, drawdown_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Turn a request down; the claim may be offered again.

    :raises NotFound: there is no such drawdown.
    :raises IllegalMove: it was decided already.
    """
    drawdown = the_drawdown(drawdown_ref)
    drawdown.move("refuse", by=by, at=at, why=why)
    receivable = drawdown.receivable
    if receivable.state == ReceivableState.OFFERED:
        receivable.move("take_back", by=by, at=at)
    refused = events.DrawdownRefused(drawdown.ref, parties.ref_of(receivable.creditor_id), receivable.source_ref)
    events_.record(refused, source_ref=drawdown.ref, at=at)
