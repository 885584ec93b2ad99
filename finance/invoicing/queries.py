"""Everything anyone may ask about invoices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Max, QuerySet, Sum

from finance.engines.tax import TaxedLine, invoice_totals
from finance.invoicing import models
from finance.invoicing.states import OutputInvoiceState, SupplierInvoiceState
from finance.ledger import queries as ledger
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries as parties

UNBOOKED = [
    SupplierInvoiceState.RECEIVED.value,
    SupplierInvoiceState.MISMATCHED.value,
    SupplierInvoiceState.REJECTED.value,
]


@dataclass(frozen=True)
class SupplierInvoiceView:
    """A supplier's claim as other apps see it; `reasons` say why it is held."""

    ref: str
    state: str
    supplier_ref: str
    number: str
    source_ref: str
    net: Money
    tax: Money
    total: Money
    variance: Money
    issued_on: date
    due_on: date
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class InvoiceView:
    """Our invoice to a buyer as other apps see it."""

    ref: str
    state: str
    number: str
    buyer_ref: str
    source_ref: str
    net: Money
    tax: Money
    total: Money
    advance: Money
    open: Money
    issued_on: date
    due_on: date


def invoices_for(actor: Actor) -> QuerySet[models.OutputInvoice]:
    """Return our invoices to the actor's organisation; staff see all."""
    rows = models.OutputInvoice.objects.select_related("buyer").prefetch_related("lines")
    return rows if actor.staff else rows.filter(buyer_id__in=_own(actor))


def supplier_invoices_for(actor: Actor) -> QuerySet[models.SupplierInvoice]:
    """Return the invoices that the actor's organisation sent us; staff see all."""
    rows = models.SupplierInvoice.objects.select_related("supplier").prefetch_related("lines")
    return rows if actor.staff else rows.filter(supplier_id__in=_own(actor))


def held_for(actor: Actor) -> QuerySet[models.SupplierInvoice]:
    """Return the queue: invoices that did not match, oldest first."""
    held = supplier_invoices_for(actor).filter(state=SupplierInvoiceState.MISMATCHED.value)
    return held.order_by("id")


def supplier_invoices_in(state: str) -> list[str]:
    """Return the refs of the suppliers' invoices in a state, oldest first."""
    return list(models.SupplierInvoice.objects.filter(state=state).order_by("id").values_list("ref", flat=True))


def unpaid_among(invoice_refs: Collection[str]) -> int:
    """Return how many of these invoices of ours still wait for money."""
    rows = models.OutputInvoice.objects.filter(ref__in=invoice_refs)
    return rows.exclude(state=OutputInvoiceState.PAID.value).count()


def _own(actor: Actor) -> list[int]:
    return list(parties.ids_by_ref([actor.organisation]).values()) if actor.organisation else []


def source_of(invoice_ref: str) -> str:
    """Return what a supplier's invoice is about (`order:PO-2026-0001`), empty when there is no such invoice."""
    found = models.SupplierInvoice.objects.filter(ref=invoice_ref).values_list("source_ref", flat=True).first()
    return found or ""


def supplier_invoice(ref: str) -> SupplierInvoiceView:
    """Return the supplier invoice named `ref`.

    :raises NotFound: there is none.
    """
    row = models.SupplierInvoice.objects.filter(ref=ref).first()
    if row is None:
        raise NotFound(what="supplier invoice", ref=ref)
    currency = row.currency
    return SupplierInvoiceView(
        row.ref,
        row.state,
        parties.ref_of(row.supplier_id),
        row.number,
        row.source_ref,
        Money.from_minor(row.net_minor, currency),
        Money.from_minor(row.tax_minor, currency),
        Money.from_minor(row.total_minor, currency),
        Money.from_minor(row.variance_minor, currency),
        row.issued_on,
        row.due_on,
        tuple(reason["code"] for reason in row.match.get("reasons", [])),
    )


def invoice(ref: str) -> InvoiceView:
    """Return our invoice named `ref`.

    :raises NotFound: there is none.
    """
    row = models.OutputInvoice.objects.filter(ref=ref).first()
    if row is None:
        raise NotFound(what="invoice", ref=ref)
    currency = row.currency
    return InvoiceView(
        row.ref,
        row.state,
        row.printed_number,
        parties.ref_of(row.buyer_id),
        row.source_ref,
        Money.from_minor(row.net_minor, currency),
        Money.from_minor(row.tax_minor, currency),
        Money.from_minor(row.total_minor, currency),
        Money.from_minor(row.advance_minor, currency),
        Money.from_minor(row.open_minor, currency),
        row.issued_on,
        row.due_on,
    )


def matched_nets(source_ref: str) -> dict[str, Money]:
    """Return what matched invoices of a source claim before tax, by order line."""
    lines = models.SupplierInvoiceLine.objects.filter(invoice__source_ref=source_ref)
    sums = lines.exclude(invoice__state__in=UNBOOKED).values("line_ref", "invoice__currency")
    return {
        row["line_ref"]: Money.from_minor(int(row["net"]), row["invoice__currency"])
        for row in sums.annotate(net=Sum("net_minor")).order_by("line_ref")
    }


def received_values(source_ref: str) -> dict[str, Money]:
    """Return what the goods of a source stand at in inventory, by order line: the cost of what is sold on."""
    rows = models.AcceptedLine.objects.filter(source_ref=source_ref).order_by("line_ref")
    return {row.line_ref: Money.from_minor(row.value_minor, row.currency) for row in rows}


def verify() -> list[str]:
    """Return what is wrong with the invoices, beside what the tables' own constraints forbid."""
    return [*_numbers(), *_lines_tie(), *_goods_tie(), *_ledger_ties()]


def _numbers() -> list[str]:
    found = []
    rows = models.OutputInvoice.objects.values("issuer_id", "series").annotate(n=Count("id"), top=Max("number"))
    for row in rows.order_by("issuer_id", "series"):
        last = models.NumberSeries.objects.get(issuer_id=row["issuer_id"], series=row["series"]).last
        if not row["n"] == row["top"] == last:
            found.append(f"invoice numbers {row['series']}: {row['n']} invoices, last {row['top']}, counted {last}")
    return found


def _lines_tie() -> list[str]:
    """Add every output invoice up anew; every booked supplier invoice's lines against its net."""
    found, groups = [], defaultdict(list)
    for line in models.OutputInvoiceLine.objects.order_by("invoice_id", "position").iterator(chunk_size=2_000):
        groups[line.invoice_id].append(line)
    for row in models.OutputInvoice.objects.iterator(chunk_size=2_000):
        taxed = [
            TaxedLine(Money.from_minor(line.net_minor, row.currency), line.tax_rate_percent) for line in groups[row.pk]
        ]
        totals = invoice_totals(taxed, row.currency)
        kept = [line.tax_minor for line in groups[row.pk]]
        same = (totals.net.minor, totals.tax.minor) == (row.net_minor, row.tax_minor)
        if not same or [tax.minor for tax in totals.line_taxes] != kept:
            found.append(f"invoice {row.ref}: lines, tax and totals do not tie")
    booked = models.SupplierInvoice.objects.exclude(state__in=UNBOOKED)
    sums = booked.annotate(net=Sum("lines__net_minor"), relieved=Sum("lines__relieved_minor"))
    wrong = sums.exclude(net=F("net_minor"), relieved=F("net_minor") - F("variance_minor"))
    return found + [f"supplier invoice {row.ref}: lines do not tie" for row in wrong]


def _goods_tie() -> list[str]:
    lines = models.AcceptedLine.objects.values("currency")
    came = {row["currency"]: row["sum"] for row in lines.annotate(sum=Sum("value_minor"))}
    receipts = models.GoodsReceived.objects.values("currency").annotate(sum=Sum("value_minor"))
    booked = {row["currency"]: row["sum"] for row in receipts}
    return [
        f"goods received in {currency}: lines say {came.get(currency)}, receipts {booked.get(currency)}"
        for currency in sorted(came.keys() | booked.keys())
        if came.get(currency, 0) != booked.get(currency, 0)
    ]


def _ledger_ties() -> list[str]:
    """Compare what is open here with the ledger's accounts, by currency.

    GR/IR is exact at every commit. An invoice that is being collected may be off the ledger's receivables already and
    not yet marked as paid, so receivables lie between what is open without and with those.
    """
    goods = models.AcceptedLine.objects.values("currency")
    grni = dict(goods.annotate(sum=Sum(F("value_minor") - F("relieved_minor"))).values_list("currency", "sum"))
    issued, collecting = (
        dict(
            models.OutputInvoice.objects.filter(state=state.value)
            .values("currency")
            .annotate(sum=Sum("open_minor"))
            .values_list("currency", "sum")
        )
        for state in (OutputInvoiceState.ISSUED, OutputInvoiceState.COLLECTING)
    )
    found = []
    for row in ledger.trial_balance():
        booked, currency = row.balance.minor, row.currency
        least = {"grni": grni, "receivable": issued}.get(row.kind, {}).get(currency, 0)
        most = least + (collecting.get(currency, 0) if row.kind == "receivable" else 0)
        if row.kind in {"grni", "receivable"} and not least <= booked <= most:
            found.append(f"{row.kind} in {currency}: open {least} to {most}, the ledger says {booked}")
    return found
