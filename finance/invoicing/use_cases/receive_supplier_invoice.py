"""A supplier claims its money: matched three ways and booked, or held with the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from finance.engines.three_way_match import Accepted, Claimed, Match, match
from finance.invoicing import events, models, rules
from finance.invoicing.rules import BadInvoice, ClaimedLine
from finance.invoicing.use_cases.book_supplier_invoice import book
from marketplace.events import use_cases as events_
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties


class InvoiceTwice(Refusal):
    """The supplier has sent an invoice of that number before."""

    code = "invoice_twice"
    words = gettext_noop("Invoice {number} of {supplier} is here already, as {invoice}.")


class InvoiceWithoutOrder(Refusal):
    """Nothing was ever received under any line of the invoice."""

    code = "invoice_without_order"
    words = gettext_noop("Invoice {number} names no order line under which goods were accepted.")


@transaction.atomic
def receive_supplier_invoice(
    *,
    supplier_ref: str,
    number: str,
    source_ref: str,
    lines: Sequence[ClaimedLine],
    tax: Money,
    total: Money,
    issued_on: date,
    due_on: date,
    by: str,
    at: datetime,
) -> str:
    """Take in a supplier's invoice and match it; return its ref.

    Matched, it is booked (row 5) and payable on `due_on`. Otherwise it waits in the queue with its reasons, and nothing
    is booked.

    :raises NotFound: there is no such supplier.
    :raises BadInvoice: no lines, no number, amounts that are not positive, currencies that mix, due before issue.
    :raises RateNotInForce: a tax rate that did not stand on the day of issue.
    :raises InvoiceTwice: the supplier's number was used before.
    :raises InvoiceWithoutOrder: nothing was received under any of its lines.
    """
    if not number.strip() or len(number) > 60:
        raise BadInvoice(why="it has no number of 1 to 60 characters")
    if due_on < issued_on:
        raise BadInvoice(why=f"it is due on {due_on}, before it was issued on {issued_on}")
    currency = _checked(lines, tax, total)
    supplier = parties.organisation(supplier_ref)
    rules.must_be_in_force({line.tax_rate_percent for line in lines}, supplier.country, issued_on)
    _must_be_new(supplier.id, supplier_ref, number)
    accepted = models.AcceptedLine.objects.filter(
        supplier_id=supplier.id, line_ref__in=[line.line_ref for line in lines], currency=currency
    )
    if not accepted.exists():
        raise InvoiceWithoutOrder(number=number)
    invoice = models.SupplierInvoice(
        ref=events_.next_ref("VI", at=at),
        supplier_id=supplier.id,
        number=number,
        source_ref=source_ref,
        currency=currency,
        net_minor=sum(line.net.minor for line in lines),
        tax_minor=tax.minor,
        total_minor=total.minor,
        issued_on=issued_on,
        due_on=due_on,
        received_by=by,
        received_at=at,
    )
    _keep(invoice, supplier_ref, lines)
    _judge(invoice, by=by, at=at)
    return invoice.ref


@transaction.atomic
def rematch_supplier_invoice(*, invoice_ref: str, by: str, at: datetime, why: str = "") -> str:
    """Match a held invoice anew (more goods may have come); return the state it is in now.

    :raises NotFound: there is no such invoice.
    :raises IllegalMove: it is not held.
    """
    invoice = the_invoice(invoice_ref)
    models.SupplierInvoice.machine.after(invoice.state, "match")
    _judge(invoice, by=by, at=at, why=why)
    return invoice.state


def the_invoice(ref: str) -> models.SupplierInvoice:
    """Return the supplier invoice named `ref`.

    :raises NotFound: there is none.
    """
    found = models.SupplierInvoice.objects.filter(ref=ref).first()
    if found is None:
        raise NotFound(what="supplier invoice", ref=ref)
    return found


def judgement(invoice: models.SupplierInvoice) -> Match:
    """Return what the three-way match says of an invoice now."""
    lines = list(invoice.lines.order_by("position"))
    accepted = models.AcceptedLine.objects.filter(
        supplier_id=invoice.supplier_id, line_ref__in=[line.line_ref for line in lines], currency=invoice.currency
    )
    return match(
        [Accepted(row.line_ref, row.accepted, row.billed, Rate(row.unit_price, row.currency)) for row in accepted],
        [
            Claimed(
                line.line_ref,
                line.quantity,
                Rate(line.unit_price, invoice.currency),
                Money.from_minor(line.net_minor, invoice.currency),
                line.tax_rate_percent,
            )
            for line in lines
        ],
        tax=Money.from_minor(invoice.tax_minor, invoice.currency),
        stated=Money.from_minor(invoice.total_minor, invoice.currency),
        tolerance=rules.POLICY,
    )


def _judge(invoice: models.SupplierInvoice, *, by: str, at: datetime, why: str = "") -> None:
    found = judgement(invoice)
    if found.matched:
        book(invoice, found, verb="match", by=by, at=at, why=why)
        return
    kept = rules.as_kept(found)
    if invoice.state == "received":
        codes = tuple(reason.code for reason in found.reasons)
        invoice.move("hold", by=by, at=at, why=", ".join(codes), match=kept)
        held = events.SupplierInvoiceHeld(invoice.ref, parties.ref_of(invoice.supplier_id), codes)
        events_.record(held, source_ref=invoice.ref, at=at)
    else:
        models.SupplierInvoice.objects.filter(pk=invoice.pk).update(match=kept)


def _checked(lines: Sequence[ClaimedLine], tax: Money, total: Money) -> str:
    currencies = {line.net.currency for line in lines} | {line.unit_price.currency for line in lines}
    currency = rules.one_currency(currencies | {tax.currency, total.currency} if lines else set())
    for line in lines:
        rules.must_be_positive(line.quantity, "quantity")
        rules.must_be_exact(line.unit_price.amount, "unit price", least=Decimal(0))
        if line.net.minor < 0:
            raise BadInvoice(why=f"line {line.line_ref} claims {line.net}")
    if tax.minor < 0 or total.minor <= 0:
        raise BadInvoice(why=f"it claims {total} with {tax} of tax")
    return currency


def _must_be_new(supplier_id: int, supplier_ref: str, number: str) -> None:
    before = models.SupplierInvoice.objects.filter(supplier_id=supplier_id, number=number)
    ref = before.values_list("ref", flat=True).first()
    if ref is not None:
        raise InvoiceTwice(number=number, supplier=supplier_ref, invoice=ref)


def _keep(invoice: models.SupplierInvoice, supplier_ref: str, lines: Sequence[ClaimedLine]) -> None:
    try:
        with transaction.atomic():
            invoice.save(force_insert=True)
    except IntegrityError:
        _must_be_new(invoice.supplier_id, supplier_ref, invoice.number)
        raise
    models.SupplierInvoiceLine.objects.bulk_create(
        [
            models.SupplierInvoiceLine(
                invoice=invoice,
                position=position,
                line_ref=line.line_ref,
                description=line.description[:300],
                quantity=line.quantity,
                unit_price=line.unit_price.amount,
                net_minor=line.net.minor,
                tax_rate_percent=line.tax_rate_percent,
            )
            for position, line in enumerate(lines, start=1)
        ],
        batch_size=500,
    )
