"""Changes of an order: proposing one, answering it, and what waits for our word."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marketplace.foundation.forms import PageForm
from marketplace.foundation.navigation import Panel
from marketplace.foundation.pages import as_member, page
from marketplace.foundation.templatetags.reader import named, plain
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import Refusal
from procurement.contracts import queries, use_cases
from procurement.contracts.queries import OrderView
from procurement.contracts.rules import Delivery

SPEAKERS = ("sales", "approver")  # whose word binds the firm: the supplier's sales, a buyer's approver


class ChangeForm(PageForm):
    """What is to become of an order: each line's quantity, price and days, or giving it up."""

    cancels = forms.BooleanField(label=gettext_lazy("Give the whole order up"), required=False)
    why = forms.CharField(
        label=gettext_lazy("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )  # fmt: skip

    def __init__(self, view: OrderView, names: dict[int, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.view = view
        for line in view.lines:
            name = names[line.product_id]
            self.fields[f"quantity-{line.id}"] = forms.DecimalField(
                label=_("%(product)s: quantity") % {"product": name}, initial=plain(line.quantity), min_value=0,
                max_digits=19, decimal_places=6,
            )  # fmt: skip
            self.fields[f"price-{line.id}"] = forms.DecimalField(
                label=_("%(product)s: unit price") % {"product": name}, initial=plain(line.unit_price.amount),
                min_value=0, max_digits=19, decimal_places=6,
            )  # fmt: skip
            self.fields[f"days-{line.id}"] = forms.CharField(
                label=_("%(product)s: deliveries") % {"product": name},
                initial="\n".join(f"{one.due_on.isoformat()} {plain(one.quantity)}" for one in line.due),
                widget=forms.Textarea(attrs={"rows": max(2, len(line.due))}),
                help_text=_("One a line: the day and the quantity, as in 2026-08-31 400. They add up to the line."),
                max_length=4000, required=False,
            )  # fmt: skip
        self.order_fields([name for name in self.fields if name not in {"cancels", "why"}])

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        for line in self.view.lines:
            try:
                given[f"days-{line.id}"] = _deliveries(given.get(f"days-{line.id}") or "")
            except ValueError:
                self.add_error(f"days-{line.id}", _("Write a day and a quantity on each line: 2026-08-31 400"))
        return given

    def wishes(self) -> list[use_cases.Wish]:
        """Return what is asked of each line."""
        found = []
        for line in self.view.lines:
            quantity, days = self.cleaned_data[f"quantity-{line.id}"], self.cleaned_data[f"days-{line.id}"]
            left_alone = quantity != line.quantity and list(days) == list(line.due)
            deliveries = None if left_alone or not days else tuple(days)
            found.append(use_cases.Wish(line.id, quantity, self.cleaned_data[f"price-{line.id}"], deliveries))
        return found


def _deliveries(text: str) -> list[Delivery]:
    """Read `2026-08-31 400` lines.

    :raises ValueError: a line says something else.
    """
    found = []
    for row in filter(None, (row.strip() for row in text.splitlines())):
        day, _gap, quantity = row.partition(" ")
        try:
            amount = Decimal(quantity.strip().replace(",", ""))
        except ArithmeticError:
            raise ValueError(row) from None
        if not amount.is_finite():
            raise ValueError(row)
        found.append(Delivery(date.fromisoformat(day), amount))
    return sorted(found, key=lambda one: one.due_on)


def _party(actor: Actor, ref: str) -> str:
    """Return for whom the asker speaks on the order; who is no party finds nothing."""
    party = queries.party_of(as_member(actor), ref)
    if not party:
        raise Http404
    return party


@page("supplier", "factory", "buyer")
def propose(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Propose other quantities, prices or days of an order."""
    party = _party(actor, ref)
    _must_speak(actor)
    row = queries.orders_for(as_member(actor)).get(ref=ref)
    view, status = queries.order(ref), 200
    names = {line.product_id: named(line.product) for line in row.lines.select_related("product")}
    form = ChangeForm(view, names, request.POST or None)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                change = use_cases.propose_change(
                    order_ref=ref,
                    party_ref=party,
                    wishes=form.wishes(),
                    cancels=form.cleaned_data["cancels"],
                    why=form.cleaned_data["why"],
                    order_revision=_number(request.POST.get("revision", "")),
                    by=actor.by,
                    at=clock.now(),
                )
            except Refusal as refusal:
                form.add_error(None, word(refusal))
                status = refusal.status
            else:
                messages.success(request, _("%(ref)s is proposed; the others are asked.") % {"ref": change})
                return redirect("contracts:change", change)
    shown = {"order": row, "form": form, "home": _home(actor, row), "shared": len(_buyers(view)) > 1}
    return render(request, "contracts/propose.html", shown, status=status)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _buyers(view: OrderView) -> set[str]:
    return {member.buyer_ref for line in view.lines for member in line.members}


def _home(actor: Actor, order: Any) -> str:
    return "contracts:supply" if order.supplier.ref == actor.organisation else "contracts:share"


def _must_speak(actor: Actor) -> None:
    if not actor.roles & set(SPEAKERS):
        actor.must("approver" if "buyer" in actor.roles else "sales")


@page("supplier", "factory", "buyer")
def change(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One change: what it makes of each line, who has agreed, and our word on it."""
    row = get_object_or_404(queries.changes_for(as_member(actor)), ref=ref)
    lines = [
        (line, [(date.fromisoformat(day), Decimal(amount)) for day, amount in line.before],
         [(date.fromisoformat(day), Decimal(amount)) for day, amount in line.schedule])
        for line in row.lines.all()
    ]  # fmt: skip
    voices = list(row.voices.all())
    mine = next((voice for voice in voices if voice.party.ref == actor.organisation), None)
    others = [voice for voice in voices if voice is not mine]
    shown = {
        "change": row,
        "order": row.order,
        "home": _home(actor, row.order),
        "lines": lines,
        "mine": mine,
        "agreed": sum(voice.agreed is True for voice in others),
        "others": len(others),
        "open": row.state == "proposed",
        "outrun": row.state == "proposed" and row.order.revision != row.order_revision,
        "speaks": bool(actor.roles & set(SPEAKERS)),
    }
    return render(request, "contracts/change.html", shown)


@page("supplier", "factory", "buyer")
@require_POST
def answer(request: HttpRequest, actor: Actor, ref: str, verb: str) -> HttpResponse:
    """Agree to a change, refuse it with a reason, or take it back."""
    row = get_object_or_404(queries.changes_for(as_member(actor)), ref=ref)
    _must_speak(actor)
    said: dict[str, Any] = {"change_ref": ref, "party_ref": actor.organisation, "by": actor.by, "at": clock.now()}
    why = request.POST.get("why", "").strip()[:500]
    if verb == "agree":
        holds = use_cases.agree_change(**said)
        text = _("%(ref)s is agreed by all and holds now.") if holds else _("You agreed to %(ref)s.")
        messages.success(request, text % {"ref": ref})
    elif verb == "withdraw":
        use_cases.withdraw_change(**said)
        messages.success(request, _("%(ref)s is withdrawn.") % {"ref": ref})
    elif not why:
        messages.error(request, _("Say why you refuse it."))
    else:
        use_cases.decline_change(why=why, **said)
        messages.success(request, _("%(ref)s is refused.") % {"ref": ref})
    return redirect("contracts:change", row.ref)


def changes_waiting(actor: Actor) -> Panel | None:
    """Say which changes of orders wait for our word."""
    if not actor.organisation:
        return None
    rows = list(queries.changes_to_answer(as_member(actor))[:5])
    return Panel(gettext_lazy("Changes to answer"), "contracts/changes_waiting.html", {"rows": rows}) if rows else None
