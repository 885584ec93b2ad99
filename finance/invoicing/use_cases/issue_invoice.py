"""We charge a buyer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from finance.engines.tax import Totals
from finance.invoicing import events, models, rules
from finance.invoicing.rules import BadInvoice, BillLine, NewInvoice
from finance.invoicing.use_cases.pay import mark_paid
from finance.ledger import use_cases as ledger_
from finance.ledger.use_cases import Acct, Line, NewJournal
from marketplace.events import use_cases as events_
from marketplace.events.use_cases import KeyReused, fingerprint
from marketplace.kernel.money import Money, total
from marketplace.parties import queries as parties


def issue_invoice(
    *,
    key: str,
    buyer_ref: str,
    source_ref: str,
    lines: Sequence[BillLine],
    advance: Money,
    issued_on: date,
    due_on: date,
    by: str,
    at: datetime,
) -> str:
    """Issue one invoice and return its ref (see `issue_invoices`)."""
    new = NewInvoice(key, buyer_ref, source_ref, lines, advance, issued_on, due_on)
    return issue_invoices(invoices=[new], by=by, at=at)[0]


@transaction.atomic
def issue_invoices(*, invoices: Sequence[NewInvoice], by: str, at: datetime) -> list[str]:
    """Issue invoices to buyers, all or none; return their refs in the order given.

    Each is booked: what is due and the advance against income and output VAT (row 6), the goods' cost against inventory
    (6b), the advance's money from escrow to our own account (6c). An advance beyond the total is owed back to the
    buyer. Numbers follow each other without gaps. A key that was used returns the first invoice's ref.

    :raises NotFound: there is no such buyer.
    :raises BadInvoice: no lines, currencies that mix, amounts of an impossible sign, nothing to charge, due before
        issue.
    :raises RateNotInForce: a tax rate that did not stand on the day of issue.
    :raises LimitReached: less is on the buyer's advances, or in inventory, than is to be taken.
    :raises KeyReused: a key stands for another invoice.
    """
    marks = {new.key: _mark(new) for new in invoices}
    known = _known(marks)
    fresh = [new for new in {new.key: new for new in invoices}.values() if new.key not in known]
    if fresh:
        refs = events_.next_refs("IN", len(fresh), at=at)
        made = _write(fresh, refs, marks, by, at)
        _post(list(zip(fresh, made, strict=True)), by=by, at=at)
        for row in made:
            if not row.open_minor:
                mark_paid(invoice_refs=[row.ref], paid_on=row.issued_on, by=by, at=at)
        known |= {new.key: row.ref for new, row in zip(fresh, made, strict=True)}
    return [known[new.key] for new in invoices]


def _mark(new: NewInvoice) -> str:
    facts = (new.buyer_ref, new.source_ref, str(new.advance), new.issued_on.isoformat(), new.due_on.isoformat())
    return fingerprint(*facts, repr(list(new.lines)))


def _known(marks: dict[str, str]) -> dict[str, str]:
    rows = models.OutputInvoice.objects.filter(key__in=list(marks)).values_list("key", "ref", "request_sha256")
    for key, _, sha256 in rows:
        if marks[key] != sha256:
            raise KeyReused(key=key)
    return {key: ref for key, ref, _ in rows}


def _write(
    fresh: Sequence[NewInvoice], refs: Sequence[str], marks: dict[str, str], by: str, at: datetime
) -> list[models.OutputInvoice]:
    issuer = parties.organisation(parties.PLATFORM)
    buyers = parties.organisations([new.buyer_ref for new in fresh])
    made = []
    for new, ref in zip(fresh, refs, strict=True):
        buyer = buyers.get(new.buyer_ref) or parties.organisation(new.buyer_ref)
        totals = _checked(new, issuer.country)
        applied = min(new.advance.minor, totals.total.minor)
        row = models.OutputInvoice(
            ref=ref,
            key=new.key,
            request_sha256=marks[new.key],
            issuer_id=issuer.id,
            series=f"{new.issued_on:%Y}",
            buyer_id=buyer.id,
            source_ref=new.source_ref,
            currency=totals.net.currency,
            net_minor=totals.net.minor,
            tax_minor=totals.tax.minor,
            total_minor=totals.total.minor,
            advance_minor=applied,
            open_minor=totals.total.minor - applied,
            issued_on=new.issued_on,
            due_on=new.due_on,
            issued_by=by,
            issued_at=at,
        )
        made.append((row, totals))
    _number([row for row, _ in made])
    models.OutputInvoice.objects.bulk_create([row for row, _ in made], batch_size=200)
    lines = [line for new, (row, totals) in zip(fresh, made, strict=True) for line in _lines(row, new.lines, totals)]
    models.OutputInvoiceLine.objects.bulk_create(lines, batch_size=500)
    return [row for row, _ in made]


def _checked(new: NewInvoice, country: str) -> Totals:
    if new.due_on < new.issued_on:
        raise BadInvoice(why=f"it is due on {new.due_on}, before it is issued on {new.issued_on}")
    moneys = [new.advance, *(money for line in new.lines for money in (line.net, line.cost))]
    currency = rules.one_currency({money.currency for money in moneys})
    rules.must_be_in_force({line.tax_rate_percent for line in new.lines}, country, new.issued_on)
    totals = rules.bill_totals(new.lines, currency)
    if not totals.total or new.advance.minor < 0:
        raise BadInvoice(why=f"it charges {totals.total} with an advance of {new.advance}")
    return totals


def _number(rows: Sequence[models.OutputInvoice]) -> None:
    """Give each invoice the next number of its series, in this transaction: what is rolled back is given anew."""
    series: dict[str, list[models.OutputInvoice]] = defaultdict(list)
    for row in rows:
        series[row.series].append(row)
    for name in sorted(series):
        mine = series[name]
        counter = models.NumberSeries.objects.filter(issuer_id=mine[0].issuer_id, series=name)
        if not counter.update(last=F("last") + len(mine)):
            models.NumberSeries.objects.get_or_create(issuer_id=mine[0].issuer_id, series=name)
            counter.update(last=F("last") + len(mine))
        last = counter.values_list("last", flat=True).get()
        for number, row in enumerate(mine, start=last - len(mine) + 1):
            row.number = number


def _lines(row: models.OutputInvoice, lines: Sequence[BillLine], totals: Totals) -> list[models.OutputInvoiceLine]:
    return [
        models.OutputInvoiceLine(
            invoice=row,
            position=position,
            line_ref=line.line_ref,
            kind=line.kind,
            description=line.description[:300],
            quantity=line.quantity,
            unit=line.unit,
            net_minor=line.net.minor,
            tax_rate_percent=line.tax_rate_percent,
            tax_minor=tax.minor,
            cost_minor=line.cost.minor,
        )
        for position, (line, tax) in enumerate(zip(lines, totals.line_taxes, strict=True), start=1)
    ]


def _post(made: Sequence[tuple[NewInvoice, models.OutputInvoice]], *, by: str, at: datetime) -> None:
    journals = [
        NewJournal(
            f"invoice:{row.ref}", _journal(new, row), new.issued_on, row.ref, f"invoice {row.printed_number} issued"
        )
        for new, row in made
    ]
    ledger_.post_linked(journals=journals, by=by, at=at)
    for new, row in made:
        refund = new.advance.minor - row.advance_minor
        issued = events.InvoiceIssued(row.ref, new.buyer_ref, row.open_minor, refund, row.currency, row.due_on)
        events_.record(issued, source_ref=row.ref, at=at)


def _journal(new: NewInvoice, row: models.OutputInvoice) -> list[Line]:
    """Return rows 6, 6b and 6c of one invoice as one journal; each row balances by itself."""
    currency, buyer = row.currency, new.buyer_ref
    refund = new.advance.minor - row.advance_minor
    cost = total([line.cost for line in new.lines], currency).minor
    income = {kind: sum(line.net.minor for line in new.lines if line.kind == kind) for kind in rules.INCOME}
    parts: list[tuple[str, str, int]] = [
        ("customer_advances", buyer, new.advance.minor),
        ("receivable", buyer, row.open_minor),
        *((rules.INCOME[kind], "", -minor) for kind, minor in income.items()),
        ("output_vat", "", -row.tax_minor),
        ("due_to_buyer", buyer, -refund),
        ("cost_of_sales", "", cost),
        ("inventory", "", -cost),
        ("cash_bank", "", new.advance.minor),
        ("cash_escrow", "", -new.advance.minor),
    ]
    lines = []
    for kind, owner, minor in parts:
        acct, amount = Acct(kind, owner, currency), Money.from_minor(abs(minor), currency)
        if minor:
            lines.append(ledger_.debit(acct, amount) if minor > 0 else ledger_.credit(acct, amount))
    return lines
