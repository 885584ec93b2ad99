"""Deliveries as buyers see them: what came for us, what we accept of it, and where the rest is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.events.queries import history
from marketplace.foundation.forms import PageForm, SiftForm, states_of
from marketplace.foundation.navigation import Panel, offers, shows
from marketplace.foundation.pages import as_member, csv_of, leaf_of, page
from marketplace.foundation.templatetags.reader import named, plain, qty
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import Refusal
from procurement.contracts import queries as contracts
from procurement.delivery import queries, use_cases
from procurement.delivery.states import RECEIPT, ReceiptState

MOST_ROWS = 20_000  # rows of a download


class ReceiptSift(SiftForm):
    """Which receipts to show."""

    state = forms.ChoiceField(label=gettext_lazy("State"), choices=states_of(RECEIPT), required=False)
    order = forms.CharField(label=gettext_lazy("Order or shipment"), max_length=40, required=False)

    def narrow(self, rows: Any) -> Any:
        """Keep the receipts that are asked for."""
        if state := self.wanted("state"):
            rows = rows.filter(state=state)
        if text := self.wanted("order"):
            rows = rows.filter(shipment__order__ref__icontains=text) | rows.filter(shipment__ref__icontains=text)
        return rows


class ConfirmForm(PageForm):
    """What we reject of what came, line by line, and why."""

    why = forms.CharField(
        label=gettext_lazy("Why it is rejected"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What is wrong, as you would tell the supplier."),
    )

    def __init__(self, lines: Iterable[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            self.fields[f"line-{line.pk}"] = forms.DecimalField(
                label=gettext_lazy("Rejected"), min_value=0, max_value=line.share, max_digits=19, decimal_places=6,
                required=False,
            )  # fmt: skip

    def rejected(self) -> dict[int, Decimal]:
        """Return what is rejected, by receipt line id."""
        found = {line.pk: self.cleaned_data.get(f"line-{line.pk}") or Decimal(0) for line in self.lines}
        return {pk: amount for pk, amount in found.items() if amount}

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if self.rejected() and not given.get("why"):
            self.add_error("why", _("Say what is wrong with what you reject."))
        return given


@page("buyer")
def receipts(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What came for us, newest first; what waits for our word is marked."""
    sift = ReceiptSift(request.GET)
    rows = sift.narrow(queries.receipts_for(as_member(actor)))
    if request.GET.get("as") == "csv":
        return csv_of("receipts", RECEIPT_HEAD, _cells(rows.order_by("-pk")[:MOST_ROWS]))
    leaf = leaf_of(rows, request)
    context = {"leaf": leaf, "sift": sift, "shares": _shares(leaf.rows)}
    return render(request, "delivery/receipts.html", context)


def _shares(rows: Iterable[Any]) -> dict[int, Any]:
    """Return the members' shares that the lines of these receipts are about, by row id."""
    return contracts.member_lines(line.member_line_id for row in rows for line in row.lines.all())


RECEIPT_HEAD = (
    gettext_lazy("Goods receipt"),
    gettext_lazy("State"),
    gettext_lazy("Order"),
    gettext_lazy("Shipment"),
    gettext_lazy("Product"),
    gettext_lazy("Product name"),
    gettext_lazy("Due"),
    gettext_lazy("Came"),
    gettext_lazy("Accepted"),
    gettext_lazy("Rejected"),
    gettext_lazy("Unit"),
    gettext_lazy("Reason"),
)


def _cells(rows: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    found = list(rows)
    shares = _shares(found)
    for row in found:
        for line in row.lines.all():
            product = shares[line.member_line_id].line.product
            numbers = (line.due, line.share, line.accepted, line.rejected)
            head = (row.ref, row.state, row.shipment.order.ref, row.shipment.ref, product.code, named(product))
            yield (*head, *(plain(number) for number in numbers), product.unit, row.reason)


@page("buyer")
def receipt(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One receipt: what came for us; accepted as it is, or less what we reject with a reason."""
    row = get_object_or_404(queries.receipts_for(as_member(actor)), ref=ref)
    lines, status = list(row.lines.all()), 200
    form = ConfirmForm(lines, request.POST or None)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                use_cases.confirm_receipt(
                    receipt_ref=ref,
                    rejected=form.rejected(),
                    why=form.cleaned_data["why"],
                    by=actor.by,
                    at=clock.now(),
                )
            except Refusal as refusal:
                form.add_error(None, word(refusal))
                status = refusal.status
            else:
                messages.success(request, _("%(ref)s is confirmed.") % {"ref": ref})
                return redirect("delivery:receipt", ref)
    shares = _shares([row])
    context = {
        "row": row,
        "waits": row.state == ReceiptState.AWAITING,
        "road": [ReceiptState.AWAITING.value, row.state if row.state != ReceiptState.AWAITING else "accepted"],
        "history": list(history(ref)),
        "form": form,
        "lines": [(line, shares[line.member_line_id].line, form[f"line-{line.pk}"]) for line in lines],
    }
    return render(request, "delivery/receipt.html", context, status=status)


@page("buyer")
def of_order(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Where an order's goods are: its shipments that carry our share, and our receipts of them."""
    rows = queries.receipts_for(as_member(actor)).filter(shipment__order__ref=ref).order_by("pk")
    context = {"rows": list(rows), "shares": _shares(rows)}
    return render(request, "delivery/of_order.html", context)


def awaiting(actor: Actor) -> Panel | None:
    """Say what came and waits for our word."""
    if "buyer" not in actor.roles:
        return None
    rows = list(queries.receipts_for(as_member(actor)).filter(state=ReceiptState.AWAITING.value).order_by("pk")[:6])
    if not rows:
        return None
    shares = _shares(rows[:5])
    shown = [
        (row, [(named(share.line.product), qty(line.share, share.line.product.unit)) for line in row.lines.all()[:2]
               for share in [shares[line.member_line_id]]])
        for row in rows[:5]
    ]  # fmt: skip
    return Panel(gettext_lazy("Receipts to confirm"), "delivery/awaiting.html", {"rows": shown, "more": rows[5:]})


shows("RC", "delivery:receipt", roles=["buyer"])
offers(gettext_lazy("Receipts"), "delivery:receipts", roles=["buyer"], order=55)
