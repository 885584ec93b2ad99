"""The papers behind money: what a financier reads before it pays for a claim, what a supplier was promised."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from finance.credit import queries as credit
from finance.invoicing import queries as invoicing
from marketplace.foundation.pages import page
from marketplace.kernel.actors import Actor


@page("financier", "supplier", "factory")
def papers(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """The supplier's invoice whose claim the drawdown `ref` finances, line by line, as it was matched."""
    only = Actor(by=actor.by, organisation=actor.organisation, roles=actor.roles)
    row = get_object_or_404(credit.drawdowns_for(only), ref=ref)
    invoice = invoicing.supplier_invoice(row.receivable.source_ref)
    supplier = Actor(by=actor.by, organisation=invoice.supplier_ref)  # the drawdown shown above opens its own papers
    paper = get_object_or_404(invoicing.supplier_invoices_for(supplier), ref=invoice.ref)
    own = actor.organisation == invoice.supplier_ref
    return render(request, "credit/papers.html", {"row": row, "invoice": invoice, "paper": paper, "own": own})
