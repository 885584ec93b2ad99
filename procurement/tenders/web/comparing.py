"""Opened offers side by side, the award with all its reasons, and awarding against the engine by two persons."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marketplace.foundation.navigation import offers
from marketplace.foundation.pages import as_member, page, table_of
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotAllowed, Refusal
from procurement.tenders import queries, use_cases
from procurement.tenders.states import OverrideState, TenderState
from procurement.tenders.web.suppliers import LOST

SECONDS = 20.0
FLAGS = {
    "abnormally_low": gettext_lazy("abnormally low"),
    "unbalanced": gettext_lazy("unbalanced"),
    "collusion": gettext_lazy("prices too much alike"),
    "shared_traces": gettext_lazy("shared traces"),
}
LIMITS = {
    "winners_max": gettext_lazy("Winners over all lots, at most"),
    "winners_per_lot": gettext_lazy("Winners in a lot, at most"),
    "winners_min": gettext_lazy("Winners over all lots, at least"),
    "capacity": gettext_lazy("What a supplier can deliver"),
    "minimum_award": gettext_lazy("The least a supplier takes"),
}
WON = {
    "cheapest_landed": gettext_lazy("The cheapest landed price of all."),
    "cheaper_as_a_mix": gettext_lazy("Not the cheapest alone: the mix with it costs least."),
    "package_cheaper_as_a_mix": gettext_lazy("A package: all of it together costs least."),
}
TRACES = {
    "person": gettext_lazy("the same person acts for them"),
    "address": gettext_lazy("the same address"),
    "account": gettext_lazy("the same bank account"),
    "file": gettext_lazy("the same file was sent"),
    "changed_by": gettext_lazy("the same hand last changed their files"),
}


@page("buyer", staff=True)
def compare(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """All offers of an opened tender, lot by lot; with `?as=csv` or `?as=xlsx` as a table."""
    tender = get_object_or_404(queries.comparable_for(actor), ref=ref)
    found = queries.comparison(tender)
    table = table_of(request, f"{ref}-offers", _head(), lambda: _rows(found))
    if table is not None:
        return table
    context = {
        "tender": tender,
        "found": found,
        "names": {bid.supplier_ref: bid.supplier_name for bid in found.bids}
        | {one.lot.ref: one.lot.description for one in found.lots},
        "bidders": [bid for bid in found.bids if not bid.rejected],
        "rejected": [bid for bid in found.bids if bid.rejected],
        "flags": [(flag, FLAGS[flag.kind], _names(flag, found.bids), TRACES) for flag in found.flags],
        "flag_words": FLAGS,
        "award": queries.why_awarded_for(actor).filter(tender=tender).first(),
        "wishes": queries.overrides_for(actor).filter(tender=tender).order_by("-id"),
        "may_override": actor.staff and tender.state == TenderState.OPENED.value and not tender.historic,
        "asked": OverrideState.ASKED.value,
    }
    return render(request, "tenders/compare.html", context)


def _names(flag: Any, bids: list[Any]) -> str:
    names = {bid.supplier_ref: bid.supplier_name for bid in bids}
    return ", ".join(names.get(ref, ref) for ref in flag.refs)


def _head() -> list[str]:
    return [
        _("Lot"),
        _("Description"),
        _("Wanted"),
        _("Unit"),
        _("Bidder"),
        _("Rank"),
        _("Priced for"),
        _("Goods a unit"),
        _("Freight a unit"),
        _("Landed a unit"),
        _("Coefficient"),
        _("Counts as"),
        _("Total"),
        _("Lead time in days"),
        _("CO2 kg a unit"),
        _("Won"),
        _("Flags"),
    ]


def _rows(found: Any) -> Iterator[list[Any]]:
    for compared in found.lots:
        lot = compared.lot
        for one in compared.offers:
            price = one.price
            yield [
                lot.ref,
                lot.description,
                compared.wanted,
                lot.unit,
                one.supplier_name,
                one.rank or None,
                *([price.quantity, price.goods, price.freight, price.landed] if price else [None] * 4),
                str(price.coefficient) if price and price.coefficient is not None else None,
                price.weighted if price else None,
                one.total.amount if one.total else None,
                one.lead_days,
                one.co2,
                one.won or None,
                ", ".join(str(FLAGS[kind]) for kind in one.flags),
            ]


@page("buyer", staff=True)
def why(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """The award with everything that speaks for it: reasons, bound, rounds, what limits cost, why each loser lost."""
    award = get_object_or_404(queries.why_awarded_for(actor), ref=ref)
    names = {bid.supplier_ref: bid.supplier_name for bid in award.tender.opened_bids.all()}
    lots = {lot.ref: lot for lot in award.tender.lots.all()}
    lines = award.lines.select_related("lot", "opened_bid").order_by("lot__position", "id")
    counted = award.total_minor if award.score_minor is None else award.score_minor
    context = {
        "award": award,
        "lines": [(line, WON.get(line.why.get("code"), ""), names.get(line.why.get("next", ""), "")) for line in lines],
        "total": Money.from_minor(award.total_minor, award.currency),
        "counted": Money.from_minor(counted, award.currency),
        "bound": Money.from_minor(award.bound_minor, award.currency),
        "gap": Decimal(counted - award.bound_minor) / award.bound_minor if award.bound_minor else None,
        "rounds": [one for one in award.decisions.order_by("part", "round") if one.dropped or one.cut],
        "lost": [_lost(row, names, lots, award.currency) for row in award.rejected],
        "limits": _limits(award, names),
        "may_price": actor.staff,
    }
    return render(request, "tenders/why.html", context)


def _lost(row: dict[str, Any], names: dict[str, str], lots: dict[str, Any], currency: str) -> dict[str, Any]:
    cut = row.get("at_least")
    return {
        "supplier": names.get(row["supplier"], row["supplier"]),
        "lot": lots.get(row["lot"]),
        "package": row.get("package", ""),
        "why": LOST.get(row["code"], row["code"]),
        "how": row["how"],
        "cut": None if cut is None else Decimal(cut),
        "currency": currency,
    }


def _limits(award: Any, names: dict[str, str]) -> list[dict[str, Any]] | None:
    if award.constraint_prices is None:
        return None
    return [
        {
            "limit": LIMITS.get(row["limit"], row["limit"]),
            "about": names.get(row["about"].split("/")[0], row["about"]),
            "saves": Money.rounded(Decimal(row["saves"]), award.currency),
            "settled": row["settled"],
        }
        for row in award.constraint_prices
    ]


@page(staff=True)
@require_POST
def price_limits(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Say what each limit of an award costs."""
    _by_staff(actor)
    use_cases.price_constraints(award_ref=ref, seconds=SECONDS, by=actor.by, at=clock.now())
    return redirect(reverse("tenders:why", args=[ref]) + "#limits")


@page(staff=True)
@require_POST
def ask_override(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Ask that a tender be awarded otherwise: without some bidders, or a lot to some alone."""
    _by_staff(actor)
    only: dict[str, list[str]] = {}
    for said in request.POST.getlist("only"):
        lot, _mark, supplier = said.partition(" ")
        if supplier:
            only.setdefault(lot, []).append(supplier)
    try:
        use_cases.ask_to_override(
            tender_ref=ref,
            wishes={"without": request.POST.getlist("without"), "only": only},
            why=request.POST.get("why", ""),
            seconds=SECONDS,
            by=actor.by,
            at=clock.now(),
        )
        messages.success(request, _("Asked. Another person decides; what it costs is told below."))
    except Refusal as refusal:
        messages.error(request, word(refusal))
    return redirect(reverse("tenders:compare", args=[ref]) + "#override")


@page(staff=True)
@require_POST
def decide_override(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Award as another person asked, or turn it down."""
    _by_staff(actor)
    wish = get_object_or_404(queries.overrides_for(actor), ref=ref)
    try:
        if request.POST.get("verb") == "approve":
            award = use_cases.approve_override(override_ref=ref, seconds=SECONDS, by=actor.by, at=clock.now())
            messages.success(request, _("Awarded as asked."))
            return redirect("tenders:why", award)
        use_cases.refuse_override(override_ref=ref, why=request.POST.get("why", ""), by=actor.by, at=clock.now())
        messages.success(request, _("Turned down. The tender waits for its award."))
    except Refusal as refusal:
        messages.error(request, word(refusal))
    return redirect("tenders:compare", wish.tender.ref)


@page(staff=True)
@require_POST
def ask_justification(request: HttpRequest, actor: Actor, ref: str, flag: int) -> HttpResponse:
    """Ask the supplier of an abnormally low price to say how it comes about."""
    _by_staff(actor)
    use_cases.ask_to_justify(flag_id=flag, by=actor.by, at=clock.now())
    messages.success(request, _("The supplier is asked."))
    return redirect(reverse("tenders:compare", args=[ref]) + "#flags")


def _by_staff(actor: Actor) -> None:
    if not actor.staff:
        raise NotAllowed(why="staff only")


@page("supplier", "factory")
def justify(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The low prices we are asked to justify, and what we said."""
    if request.method == "POST":
        actor.must("sales")
        number = request.POST.get("flag", "")
        use_cases.justify_price(
            flag_id=int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0,
            supplier_ref=actor.organisation,
            answer=request.POST.get("answer", ""),
            by=actor.by,
            at=clock.now(),
        )
        messages.success(request, _("Your answer is kept beside the price."))
        return redirect("tenders:justify")
    rows = queries.asked_to_justify(as_member(actor)).order_by("-asked_at")
    return render(request, "tenders/justify.html", {"rows": rows[:100]})


@page("buyer", staff=True)
def compared(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The tenders whose offers may be looked at side by side, newest first."""
    rows = queries.comparable_for(actor).order_by("-id")[:200]
    awards = {one.tender_id: one.ref for one in queries.why_awarded_for(actor).filter(tender__in=[r.pk for r in rows])}
    return render(request, "tenders/compared.html", {"rows": [(row, awards.get(row.pk)) for row in rows]})


offers(gettext_lazy("Offers side by side"), "tenders:compared", roles=("buyer",), staff=True, order=36)
offers(gettext_lazy("Prices to justify"), "tenders:justify", roles=("supplier", "factory"), order=38)
