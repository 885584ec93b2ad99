"""What being in a pool is worth, and who would get what: by indicative steps and the pool's rule, binding nobody."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.foundation.pages import as_member, page, table_of
from marketplace.foundation.wording import unit_words
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from procurement.engines.clearing import Outcome
from procurement.pools import forms, queries, rules
from procurement.pools.rules import market
from procurement.pools.serializers import explain
from procurement.pools.states import JOINABLE


def context_of(request: HttpRequest, actor: Actor, row: Any, live: rules.LiveFigures) -> dict[str, Any]:
    """Return what a pool's page says of its market: two queries."""
    asked = queries.asked(row, actor.organisation)
    outcome = market.clear_indicative(live.indicative, asked.all, row.fee_percent) if row.state in JOINABLE else None
    return {
        "outcome": outcome,
        "curve": market.curve_rows(outcome) if outcome else (),
        "picture": picture_of(outcome, row) if outcome else None,
        "picture_id": f"picture-{row.ref}",
        **_preview_context(request, actor, row),
        **(_worth_context(request, row, live, asked) if outcome else {}),
    }


def _preview_context(request: HttpRequest, actor: Actor, row: Any) -> dict[str, Any]:
    given = request.GET if "percent" in request.GET else None
    form = forms.ArrivalForm(given, initial={"percent": rules.plain(queries.FEWER)}, auto_id="arrival_%s")
    percent = form.cleaned_data["percent"] if form.is_valid() else queries.FEWER
    found = queries.previews(row, percent)
    named = {"rule_name": _(rules.RULE_NAMES[row.allocation_rule])}
    if found is None:
        return named
    now, fewer = found.now.shares, found.fewer.shares
    ours = [one for one in queries.own_part(actor, row.ref) if one.ref in now]
    return {
        **named,
        "previews": found,
        "arrival": form,
        "shares": [(one, now[one.ref], _said(now[one.ref]), fewer[one.ref], _said(fewer[one.ref])) for one in ours],
        "why_ordered": explain(found.now.why.to_json()) if found.now.why.code in rules.WORDS else "",
        "rules_explained": [
            (_(rules.RULE_NAMES[rule]), _(rules.RULE_MEANINGS[rule]), rule == row.allocation_rule)
            for rule in rules.ALLOCATION_RULES
        ],
    }


def _said(share: Any) -> str:
    return explain(share.why.to_json())


def _worth_context(request: HttpRequest, row: Any, live: rules.LiveFigures, asked: market.Asked) -> dict[str, Any]:
    """Return the calculator: for the quantity that is asked about, else for what we have in the pool."""
    known = market.total(asked.mine)
    asking = "amount" in request.GET
    initial = {"amount": rules.plain(known)} if known else {}
    form = forms.WorthForm(request.GET if asking else None, initial=initial, auto_id="worth_%s")
    quantity = form.cleaned_data["amount"] if asking and form.is_valid() else None if asking else known
    found = None
    if quantity:
        terms = {"fee_percent": row.fee_percent, "currency": row.currency}
        found = market.worth_joining(live.indicative, asked, quantity, **terms)
    room = None if row.capacity is None else row.capacity - market.total(asked.others)
    return {
        "worth_form": form,
        "worth": found,
        "room": room if found and room is not None and quantity > room else None,
    }


@page("buyer")
def worth(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Is it worth joining, what shall we pay, what if others leave: the calculator alone, asked for as one types."""
    row = get_object_or_404(queries.pools_for(as_member(actor)), ref=ref)
    if row.state not in JOINABLE or not request.headers.get("HX-Request"):
        return redirect("pools:pool", ref)
    live = queries.lives([row], clock.now())[row.pk]
    context = _worth_context(request, row, live, queries.asked(row, actor.organisation))
    return render(request, "pools/worth.html", {"pool": row, "live": live, **context})


@page("buyer")
def preview(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Who would get what: the preview alone, asked for as one types."""
    row = get_object_or_404(queries.pools_for(as_member(actor)), ref=ref)
    if not request.headers.get("HX-Request"):
        return redirect("pools:pool", ref)
    return render(request, "pools/preview.html", {"pool": row, **_preview_context(request, as_member(actor), row)})


CURVE_HEAD = (
    gettext_lazy("From"),
    gettext_lazy("Unit"),
    gettext_lazy("Unit price"),
    gettext_lazy("Currency"),
    gettext_lazy("Wanted at this price"),
    gettext_lazy("Missing"),
    gettext_lazy("State"),
    gettext_lazy("Source"),
)


@page("buyer")
def curves(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """The table beside the picture of demand and price, as a download."""
    row = get_object_or_404(queries.pools_for(as_member(actor)), ref=ref)
    live = queries.lives([row], clock.now())[row.pk]
    outcome = queries.clearings([row], {row.pk: live}).get(row.pk)
    table = table_of(request, f"{ref}-curves", CURVE_HEAD, lambda: _curve_cells(row, live, outcome))
    return redirect("pools:pool", ref) if table is None else table


def _curve_cells(row: Any, live: rules.LiveFigures, outcome: Outcome | None) -> Iterator[tuple[Any, ...]]:
    kinds = {"here": _("here"), "next": _("next")}
    for one in market.curve_rows(outcome) if outcome else ():
        yield (
            rules.trimmed(one.start),
            row.unit,
            rules.trimmed(one.price),
            row.currency,
            one.tried.demand,
            one.tried.missing,
            kinds.get(one.kind, ""),
            _(live.indicative.label),
        )


def picture_of(outcome: Outcome, row: Any) -> dict[str, Any]:
    """Return what static/pictures.js draws: the price curve, what is wanted at each price, and where the pool stands.

    Numbers are for drawing alone; the table beside the picture has them exactly.
    """
    tier = outcome.tier
    most = max(one.demand for one in outcome.tried)
    last = max([most, *(one.tier.start for one in outcome.tried)])
    return {
        "kind": "curves",
        "end": float(last * Decimal("1.15") or 1),
        "steps": [[float(one.tier.start), float(one.tier.price)] for one in outcome.tried],
        "wanted": [[float(one.demand), float(one.tier.price)] for one in outcome.tried],
        "here": [float(outcome.demand), float(tier.price)] if tier else None,
        "words": {
            "x": _("Quantity, %(unit)s") % {"unit": unit_words(row.unit)},
            "y": _("Unit price, %(currency)s") % {"currency": row.currency},
            "steps": _("indicative price"),
            "wanted": _("wanted at this price"),
            "here": _("the pool now"),
        },
    }
