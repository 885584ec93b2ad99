"""What people decide about suppliers' invoices: undertake to pay, let a held one pass, turn it down."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from finance.credit import use_cases as credit_
from finance.invoicing import events, models
from finance.invoicing.use_cases.book_supplier_invoice import book
from finance.invoicing.use_cases.receive_supplier_invoice import judgement, the_invoice
from marketplace.events import use_cases as events_
from marketplace.events.use_cases import fingerprint
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties


class NotReleasable(Refusal):
    """Something stands against the invoice that nobody may wave through."""

    code = "not_releasable"
    words = gettext_noop("{invoice} cannot be released: {reasons}.")


@transaction.atomic
def approve_supplier_invoice(*, invoice_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Undertake, irrevocably, to pay a matched invoice on its due date; from now on its supplier may have it financed.

    :raises NotFound: there is no such invoice.
    :raises IllegalMove: it is not matched, or approved or paid already.
    """
    invoice = the_invoice(invoice_ref)
    supplier = parties.organisation(parties.ref_of(invoice.supplier_id))
    invoice.move("approve", by=by, at=at, why=why)
    credit_.register_receivable(
        source_ref=invoice.ref,
        creditor_ref=supplier.ref,
        debtor_ref=parties.PLATFORM,
        face=Money.from_minor(invoice.total_minor, invoice.currency),
        due_on=invoice.due_on,
        identity=_identity(supplier.ref, invoice),
        by=by,
        at=at,
    )
    approved = events.SupplierInvoiceApproved(
        invoice.ref, supplier.ref, invoice.total_minor, invoice.currency, invoice.due_on
    )
    events_.record(approved, source_ref=invoice.ref, at=at)


def _identity(supplier_ref: str, invoice: models.SupplierInvoice) -> str:
    """Return what makes this claim this claim, whoever asks for money on it: two such may not both be financed."""
    return fingerprint(supplier_ref, invoice.number, str(invoice.total_minor), invoice.currency)


@transaction.atomic
def release_supplier_invoice(*, invoice_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Let a held invoice pass although its price strays; it is booked as claimed, the difference as price variance.

    :raises NotFound: there is no such invoice.
    :raises IllegalMove: it is not held.
    :raises NotReleasable: goods that never came, lines claimed twice, sums that do not tie.
    """
    invoice = the_invoice(invoice_ref)
    models.SupplierInvoice.machine.after(invoice.state, "release")
    found = judgement(invoice)
    if not found.releasable:
        stop = [reason.code for reason in found.reasons if not reason.releasable]
        raise NotReleasable(invoice=invoice_ref, reasons=", ".join(stop))
    book(invoice, found, verb="release", by=by, at=at, why=why)


@transaction.atomic
def reject_supplier_invoice(*, invoice_ref: str, by: str, at: datetime, why: str = "") -> None:
    """Turn a held invoice down; nothing was booked, and the supplier may send another under another number.

    :raises NotFound: there is no such invoice.
    :raises IllegalMove: it is not held.
    """
    invoice = the_invoice(invoice_ref)
    invoice.move("reject", by=by, at=at, why=why)
    rejected = events.SupplierInvoiceRejected(invoice.ref, parties.ref_of(invoice.supplier_id))
    events_.record(rejected, source_ref=invoice.ref, at=at)
