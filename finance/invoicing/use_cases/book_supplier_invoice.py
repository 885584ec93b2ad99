"""What happens to the books when a supplier's invoice passes."""

from __future__ import annotations

from datetime import datetime

from finance.engines.three_way_match import Match
from finance.invoicing import events, models, rules
from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct, Line
from marketplace.events import use_cases as events_
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import StaleWrite
from marketplace.parties import queries as parties


def book(invoice: models.SupplierInvoice, found: Match, *, verb: str, by: str, at: datetime, why: str = "") -> None:
    """Bill the order lines, post the invoice (row 5) and make it payable; in the caller's transaction.

    :raises StaleWrite: somebody billed one of the lines meanwhile.
    """
    relieved = _bill(invoice)
    supplier_ref = parties.ref_of(invoice.supplier_id)
    journal_ref = _post(invoice, supplier_ref, relieved, by=by, at=at)
    invoice.move(
        verb,
        by=by,
        at=at,
        why=why,
        match=rules.as_kept(found),
        variance_minor=invoice.net_minor - relieved,
        journal_ref=journal_ref,
    )
    matched = events.SupplierInvoiceMatched(
        invoice.ref, supplier_ref, invoice.total_minor, invoice.currency, invoice.due_on
    )
    events_.record(matched, source_ref=invoice.ref, at=at)


def _bill(invoice: models.SupplierInvoice) -> int:
    """Take the claimed quantities off what is accepted and not billed; return what leaves GR/IR."""
    lines = list(invoice.lines.order_by("position"))
    rows = {
        row.line_ref: row
        for row in models.AcceptedLine.objects.filter(
            supplier_id=invoice.supplier_id, line_ref__in=[line.line_ref for line in lines]
        )
    }
    for line in lines:
        row = rows[line.line_ref]
        billed = row.billed + line.quantity
        line.relieved_minor = rules.relief(row.value_minor, row.accepted, billed, row.relieved_minor)
        mine = models.AcceptedLine.objects.filter(
            pk=row.pk, accepted=row.accepted, billed=row.billed, relieved_minor=row.relieved_minor
        )
        if not mine.update(billed=billed, relieved_minor=row.relieved_minor + line.relieved_minor):
            raise StaleWrite(ref=line.line_ref, revision=str(row.billed))
    models.SupplierInvoiceLine.objects.bulk_update(lines, ["relieved_minor"], batch_size=200)
    return sum(line.relieved_minor for line in lines)


def _post(invoice: models.SupplierInvoice, supplier_ref: str, relieved: int, *, by: str, at: datetime) -> str:
    """Post row 5: GR/IR and input VAT against what we owe; the difference is price variance."""
    currency = invoice.currency
    grni, variance = Acct("grni", supplier_ref, currency), Acct("price_variance", currency=currency)
    stray = invoice.net_minor - relieved
    parts: list[tuple[Acct, int]] = [
        (grni, relieved),
        (variance, stray),
        (Acct("input_vat", currency=currency), invoice.tax_minor),
        (Acct("supplier_payable", supplier_ref, currency), -invoice.total_minor),
    ]
    return ledger_.post(
        key=f"supplier-invoice:{invoice.ref}",
        lines=[_side(acct, minor, currency) for acct, minor in parts if minor],
        booked_on=invoice.issued_on,
        source_ref=invoice.ref,
        memo=f"invoice {invoice.number} matched",
        by=by,
        at=at,
    )


def _side(acct: Acct, minor: int, currency: str) -> Line:
    """Return the line that debits `acct` by `minor`, or credits it where that is negative."""
    amount = Money.from_minor(abs(minor), currency)
    return ledger_.debit(acct, amount) if minor > 0 else ledger_.credit(acct, amount)
