"""Credit as financiers see it: what stands against their limits, what waits for their word, what falls due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from finance.credit import forms, queries, use_cases
from marketplace.events.queries import history
from marketplace.foundation.navigation import Panel, offers
from marketplace.foundation.pages import csv_of, leaf_of, masked, page
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from marketplace.kernel.periods import month_of
from marketplace.parties import queries as parties

ROAD = ["requested", "approved", "funded", "disbursed", "repaid"]
DUE_NEXT = 10  # rows of what falls due first
MOST_ROWS = 5_000  # rows of a download


def _only(actor: Actor) -> Actor:
    """Return the asker as a member of its firm and nothing more."""
    return Actor(by=actor.by, organisation=actor.organisation, roles=actor.roles)


def _financed(actor: Actor) -> Any:
    """Return the drawdowns that the asker's firm finances, not those it asked for itself."""
    return queries.drawdowns_for(_only(actor)).filter(facility__financier__ref=actor.organisation)


def _named(rows: Iterable[Any]) -> list[tuple[Any, str]]:
    """Return each drawdown with the name of the supplier whose claim it is."""
    found = list(rows)
    refs = parties.refs_by_id({row.receivable.creditor_id for row in found})
    firms = parties.organisations(refs.values())
    return [(row, firms[refs[row.receivable.creditor_id]].legal_name) for row in found]


@page("financier")
def exposure(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What each facility has outstanding against its limit, and what falls due."""
    outstanding = _financed(actor).filter(state__in=queries.OUTSTANDING).order_by("matures_on", "id")
    return render(
        request,
        "credit/exposure.html",
        {
            "facilities": [
                one for one in queries.exposure_for(_only(actor)) if one.financier_ref == actor.organisation
            ],
            "ladder": _ladder(outstanding),
            "soon": _named(outstanding[:DUE_NEXT]),
            "today": clock.business_date(clock.now()),
            "waiting": queries.requests_to_fund(_only(actor)).count(),
        },
    )


def _ladder(rows: Any) -> list[dict[str, Any]]:
    """Return what matures by month and currency, with how wide its bar is beside the largest of its currency."""
    sums: dict[tuple[date, str], list[int]] = defaultdict(list)
    for matures_on, currency, face in rows.values_list("matures_on", "currency", "face_minor"):
        sums[month_of(matures_on).start, currency].append(face)
    most: dict[str, int] = defaultdict(int)
    for (_month, currency), faces in sums.items():
        most[currency] = max(most[currency], sum(faces))
    return [
        {
            "month": month,
            "face": Money.from_minor(sum(faces), currency),
            "count": len(faces),
            "width": f"{sum(faces) * 100 / most[currency]:.2f}",
        }
        for (month, currency), faces in sorted(sums.items())
    ]


@page("financier")
def requests(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Claims offered to us: the supplier, the undertaking behind each, what we would pay and earn."""
    rows = queries.requests_to_fund(_only(actor))
    facilities = queries.exposure_for(_only(actor))
    left = {one.facility_ref: one.left for one in facilities if one.financier_ref == actor.organisation}
    return render(request, "credit/requests.html", {"rows": _named(rows), "left": left})


@page("financier")
def portfolio(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every claim we took over, or were offered, with the day it is repaid."""
    sift = forms.DrawdownSift(request.GET)
    rows = sift.narrow(_financed(actor))
    if request.GET.get("as") == "csv":
        return csv_of("drawdowns", HEAD, (_cells(row, name) for row, name in _named(rows.order_by("-pk")[:MOST_ROWS])))
    leaf = leaf_of(rows, request)
    shown = {"leaf": leaf, "rows": _named(leaf.rows), "sift": sift, "today": clock.business_date(clock.now())}
    return render(request, "credit/portfolio.html", {**shown, "late": queries.OUTSTANDING})


HEAD = (
    gettext_lazy("Drawdown"),
    gettext_lazy("Supplier"),
    gettext_lazy("Invoice"),
    gettext_lazy("State"),
    gettext_lazy("Face"),
    gettext_lazy("Discount"),
    gettext_lazy("Advance"),
    gettext_lazy("Currency"),
    gettext_lazy("Funded on"),
    gettext_lazy("Matures on"),
)


def _cells(row: Any, name: str) -> tuple[Any, ...]:
    amounts = (row.face_minor, row.discount_minor, row.advance_minor)
    return (
        row.ref,
        name,
        row.receivable.source_ref,
        row.state,
        *(Money.from_minor(one, row.currency).amount for one in amounts),
        row.currency,
        row.funded_on,
        row.matures_on,
    )


@page("financier")
def drawdown(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One claim: its undertaking, its terms, how far it is."""
    row = get_object_or_404(_financed(actor), ref=ref)
    ((row, supplier),) = _named([row])
    debtor = parties.ref_of(row.receivable.debtor_id)
    context = {
        "row": row,
        "supplier": supplier,
        "debtor": parties.organisation(debtor).legal_name,
        "road": ROAD,
        "history": masked(history(row.ref), actor),
        "left": Money.from_minor(row.facility.limit_minor - row.facility.used_minor, row.facility.currency),
    }
    return render(request, "credit/drawdown.html", context)


@page("financier")
@require_POST
def decide(request: HttpRequest, actor: Actor, ref: str, verb: str) -> HttpResponse:
    """Take an offered claim over, or turn it down."""
    actor.must("finance")
    row = get_object_or_404(_financed(actor), ref=ref)
    form = forms.DecisionForm(request.POST)
    why = form.cleaned_data["why"] if form.is_valid() else ""
    if verb == "approve":
        use_cases.approve_drawdown(drawdown_ref=ref, why=why, by=actor.by, at=clock.now())
        messages.success(
            request, _("%(ref)s is yours: the limit is taken, the advance is due to go out.") % {"ref": ref}
        )
    else:
        use_cases.refuse_drawdown(drawdown_ref=ref, why=why, by=actor.by, at=clock.now())
        messages.success(request, _("%(ref)s is refused; the supplier may offer it elsewhere.") % {"ref": ref})
    return redirect("credit:drawdown", row.ref)


@page("supplier", "factory")
def early(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Approved invoices of ours that a financier would pay early, and those that it does."""
    eligible = queries.receivables_for(_only(actor)).filter(state="eligible").order_by("due_on", "id")
    mine = queries.drawdowns_for(_only(actor)).filter(receivable__creditor__ref=actor.organisation)
    return render(request, "credit/early.html", {"claims": eligible[:200], "leaf": leaf_of(mine, request)})


@page("supplier", "factory")
@require_POST
def ask(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Offer one of our claims to the cheapest facility that takes it."""
    actor.must("finance")
    claim = get_object_or_404(queries.receivables_for(_only(actor)), source_ref=ref)
    use_cases.request_funding(supplier_invoice_ref=claim.source_ref, by=actor.by, at=clock.now())
    messages.success(request, _("%(ref)s is offered. You are told as soon as the financier decides.") % {"ref": ref})
    return redirect("credit:early")


def waiting(actor: Actor) -> Panel | None:
    """Say which claims wait for the financier's word."""
    if "financier" not in actor.roles:
        return None
    rows = queries.requests_to_fund(_only(actor))
    some = list(rows[:5])
    return Panel(gettext_lazy("Requests to fund"), "credit/waiting.html", {"rows": _named(some), "count": rows.count()})


def at_a_glance(actor: Actor) -> Panel | None:
    """Say what the financier has outstanding against its limits."""
    if "financier" not in actor.roles:
        return None
    rows = [one for one in queries.exposure_for(_only(actor)) if one.financier_ref == actor.organisation]
    return Panel(gettext_lazy("Exposure against limits"), "credit/glance.html", {"facilities": rows}) if rows else None


offers(gettext_lazy("Exposure"), "credit:exposure", roles=["financier"], order=60)
offers(gettext_lazy("Requests to fund"), "credit:requests", roles=["financier"], order=62)
offers(gettext_lazy("Portfolio"), "credit:portfolio", roles=["financier"], order=64)
offers(gettext_lazy("Early payment"), "credit:early", roles=["supplier", "factory"], order=66)
