"""Money kept from what a supplier is paid until its warranty ends (postings, row 3b)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from finance.invoicing import queries as invoicing
from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct
from finance.settlement import models
from finance.settlement.use_cases.record_obligations import NewObligation, record_obligations
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop

MOST = Decimal(30)  # per cent


@transaction.atomic
def agree_retention(*, source_ref: str, percent: Decimal, days: int, by: str, at: datetime) -> None:
    """Agree that `percent` of each invoice about `source_ref` is kept until `days` after it matched; the first holds.

    :raises BadValue: not above 0 and up to 30 per cent, or no day.
    """
    if not (percent.is_finite() and 0 < percent <= MOST):
        raise BadValue(place="percent", value=str(percent), reason=gettext_noop("needs more than 0 and up to 30"))
    if days < 1:
        raise BadValue(place="days", value=days, reason=gettext_noop("needs one day at least"))
    models.RetentionTerms.objects.get_or_create(
        source_ref=source_ref, defaults={"percent": percent, "days": days, "agreed_by": by, "agreed_at": at}
    )


@transaction.atomic
def owe_supplier(*, invoice_ref: str, supplier_ref: str, amount: Money, due_on: date, by: str, at: datetime) -> None:
    """Enter what a matched invoice makes due: its amount, and what is kept of it when its warranty ends.

    What is kept moves from supplier payable to retention payable at once; together they are the invoice to the cent.
    Doing it again changes nothing.

    :raises NotFound: no such supplier.
    """
    kept, release_on = _kept(invoice_ref, amount, at)
    owed = [NewObligation("payable", supplier_ref, amount - kept, due_on, invoice_ref)]
    if kept:
        owed.append(NewObligation("retention", supplier_ref, kept, max(release_on, due_on), invoice_ref))
        ledger_.post(
            key=f"retention:{invoice_ref}",
            lines=[
                ledger_.debit(Acct("supplier_payable", supplier_ref, amount.currency), kept),
                ledger_.credit(Acct("retention_payable", supplier_ref, amount.currency), kept),
            ],
            booked_on=business_date(at),
            source_ref=invoice_ref,
            memo="kept until the warranty ends",
            by=by,
            at=at,
        )
    record_obligations(obligations=owed, by=by, at=at)


def _kept(invoice_ref: str, amount: Money, at: datetime) -> tuple[Money, date]:
    """Return how much of the invoice is kept, rounded half up, and until when; nothing where none is agreed."""
    today = business_date(at)
    about = invoicing.source_of(invoice_ref)
    terms = models.RetentionTerms.objects.filter(source_ref=about).first() if about else None
    if terms is None:
        return Money.from_minor(0, amount.currency), today
    kept = Money.rounded(amount.amount * terms.percent / 100, amount.currency)
    return kept, today + timedelta(days=terms.days)
