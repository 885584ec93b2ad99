"""Invoices as buyers see them: what we are charged, what our advance paid of it, what is open and when it is due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from finance.invoicing import queries
from finance.invoicing.states import OUTPUT_INVOICE, OutputInvoiceState
from marketplace.events.queries import history
from marketplace.foundation.forms import SiftForm, states_of
from marketplace.foundation.navigation import Panel, offers, shows
from marketplace.foundation.pages import Taken, as_member, csv_of, leaf_of, masked, page
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money

ROAD = [state.value for state in OutputInvoiceState]
KINDS = {"goods": gettext_lazy("goods"), "freight": gettext_lazy("freight"), "fee": gettext_lazy("service fee")}
MOST_ROWS = 20_000  # rows of a download


class InvoiceSift(SiftForm):
    """Which invoices to show."""

    state = forms.ChoiceField(label=gettext_lazy("State"), choices=states_of(OUTPUT_INVOICE), required=False)
    due = forms.DateField(
        label=gettext_lazy("Due up to"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    q = forms.CharField(label=gettext_lazy("Name or goods"), max_length=80, required=False)

    def narrow(self, rows: Any) -> Any:
        """Keep the invoices that are asked for."""
        if state := self.wanted("state"):
            rows = rows.filter(state=state)
        if due := self.wanted("due"):
            rows = rows.filter(due_on__lte=due)
        if text := self.wanted("q"):
            goods = Q(lines__description__icontains=text) | Q(source_ref__icontains=text)
            rows = rows.filter(goods | Q(ref__icontains=text)).distinct()
        return rows


@page("buyer")
def invoices(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What we are charged, newest first, and how much of it is open."""
    sift = InvoiceSift(request.GET)
    rows = queries.invoices_for(as_member(actor))
    if request.GET.get("as") == "csv":
        return csv_of("invoices", INVOICE_HEAD, _cells(sift.narrow(rows).order_by("-pk")[:MOST_ROWS]))
    context = {
        "leaf": leaf_of(sift.narrow(rows), request),
        "sift": sift,
        "open": _open(rows),
        "today": clock.business_date(clock.now()),
    }
    return render(request, "invoicing/invoices.html", context)


def _open(rows: Any) -> list[Money]:
    """Return what is open in all, by currency."""
    unpaid = rows.exclude(state=OutputInvoiceState.PAID.value).order_by().values("currency")
    sums = unpaid.annotate(sum=Sum("open_minor")).values_list("currency", "sum")
    return [Money.from_minor(int(minor), currency) for currency, minor in sums.order_by("currency") if minor]


INVOICE_HEAD = (
    gettext_lazy("Invoice"),
    gettext_lazy("Number"),
    gettext_lazy("State"),
    gettext_lazy("For"),
    gettext_lazy("Net"),
    gettext_lazy("Tax"),
    gettext_lazy("Total"),
    gettext_lazy("Advance paid"),
    gettext_lazy("Open"),
    gettext_lazy("Currency"),
    gettext_lazy("Issued on"),
    gettext_lazy("Due on"),
    gettext_lazy("Paid on"),
)


def _cells(rows: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        amounts = (row.net_minor, row.tax_minor, row.total_minor, row.advance_minor, row.open_minor)
        paid_on = row.paid_on.isoformat() if row.paid_on else ""
        yield (
            row.ref,
            row.printed_number,
            row.state,
            row.source_ref.rpartition(":")[2],
            *(Money.from_minor(minor, row.currency).amount for minor in amounts),
            row.currency,
            row.issued_on.isoformat(),
            row.due_on.isoformat(),
            paid_on,
        )


@page("buyer")
def invoice(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One invoice with its lines, its tax by rate, the advance applied and what is open."""
    row = get_object_or_404(queries.invoices_for(as_member(actor)), ref=ref)
    lines = sorted(row.lines.all(), key=lambda line: int(line.position))
    context = {
        "row": row,
        "road": ROAD,
        "history": [Taken(OutputInvoiceState.ISSUED, row.issued_at, ""), *masked(history(ref), actor)],
        "lines": [(line, KINDS[line.kind]) for line in lines],
        "taxes": sorted(_by_rate(lines).items()),
        "late": _late(row, clock.business_date(clock.now())),
    }
    return render(request, "invoicing/invoice.html", context)


def _by_rate(lines: Iterable[Any]) -> dict[Decimal, tuple[int, int]]:
    """Return net and tax in the smallest coin by tax rate."""
    found: dict[Decimal, tuple[int, int]] = {}
    for line in lines:
        net, tax = found.get(line.tax_rate_percent, (0, 0))
        found[line.tax_rate_percent] = (net + line.net_minor, tax + line.tax_minor)
    return found


def _late(row: Any, today: date) -> bool:
    return bool(row.open_minor) and row.state != OutputInvoiceState.PAID and row.due_on < today


def due(actor: Actor) -> Panel | None:
    """Say which invoices are to be paid next."""
    if "buyer" not in actor.roles:
        return None
    rows = queries.invoices_for(as_member(actor)).exclude(state=OutputInvoiceState.PAID.value).filter(open_minor__gt=0)
    shown = list(rows.order_by("due_on", "pk")[:5])
    if not shown:
        return None
    today = clock.business_date(clock.now())
    context = {"rows": [(row, _late(row, today)) for row in shown], "open": _open(rows)}
    return Panel(gettext_lazy("Invoices due"), "invoicing/due.html", context)


shows("IN", "invoicing:invoice", roles=["buyer"])
offers(gettext_lazy("Invoices"), "invoicing:invoices", roles=["buyer"], order=60)
