"""Settlement as staff watch it: the runs, how far each is, what keeps a step back. Nothing is moved from here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy

from finance.invoicing import queries as invoicing
from finance.settlement import queries
from finance.settlement.states import RESTING, StepState
from finance.treasury import queries as treasury
from marketplace.foundation.navigation import Panel, offers
from marketplace.foundation.pages import leaf_of, page
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.parties import queries as parties

STEPS = [state.value for state in StepState]
SLOW = timedelta(hours=1)  # a bank that has not answered by then is worth a look
KINDS = {
    "accrue": gettext_lazy("book a night's interest"),
    "fund": gettext_lazy("call the financier's money in"),
    "collect": gettext_lazy("collect"),
    "offset": gettext_lazy("set off"),
    "release": gettext_lazy("refund"),
    "disburse": gettext_lazy("pay early"),
    "pay": gettext_lazy("pay"),
    "retention": gettext_lazy("release what was kept"),
    "repay": gettext_lazy("repay the financier"),
}


@page("platform", staff=True)
def runs(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every run, the latest first, with how far it is."""
    leaf = leaf_of(queries.runs_for(actor), request, size=20)
    rows = [(run, queries.progress(run.ref)) for run in leaf.rows]
    shown = {"leaf": leaf, "rows": rows, "states": STEPS, "next_due": queries.next_due_date()}
    return render(request, "settlement/runs.html", shown)


@page("platform", staff=True)
def run(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One run: its steps by state, those that need somebody first."""
    found = get_object_or_404(queries.runs_for(actor), ref=ref)
    steps = queries.steps_for(actor).filter(run=found)
    wanted = request.GET.get("state", "")
    leaf = leaf_of(steps.filter(state=wanted) if wanted in STEPS else steps, request, size=100)
    held = steps.exclude(last_error="").exclude(state__in=["confirmed", "dropped"]).order_by("position")[:20]
    context = {
        "run": found,
        "progress": queries.progress(ref),
        "states": STEPS,
        "wanted": wanted,
        "leaf": leaf,
        "rows": _named(leaf.rows),
        "held": _named(held),
    }
    return render(request, "settlement/run.html", context)


@page("platform", staff=True)
def progress(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """The live part of a run's page, asked for again while it is open."""
    found = get_object_or_404(queries.runs_for(actor), ref=ref)
    shown = {"run": found, "progress": queries.progress(ref), "states": STEPS}
    return render(request, "settlement/progress.html", shown)


def _named(steps: Any) -> list[tuple[Any, Any, str]]:
    """Return each step with the word for its kind and the name of its counterparty."""
    found = list(steps)
    refs = parties.refs_by_id({step.counterparty_id for step in found if step.counterparty_id})
    firms = parties.organisations(refs.values())
    names = {row_id: firms[ref].legal_name for row_id, ref in refs.items()}
    return [(step, KINDS.get(step.kind, step.kind), names.get(step.counterparty_id, "")) for step in found]


def money_queues(actor: Actor) -> Panel | None:
    """Say what of the money waits for somebody of the staff."""
    if not actor.staff:
        return None
    steps = queries.steps_for(actor)
    waiting = steps.exclude(state__in=RESTING).exclude(last_error="").count()
    failed = steps.filter(state=StepState.FAILED.value).count()
    at = clock.now()
    rows = [
        (gettext_lazy("Supplier invoices that do not match"), invoicing.held_for(actor).count(), _admin("invoicing")),
        (
            gettext_lazy("Payments the bank has not answered for an hour"),
            len(treasury.unanswered(asked_before=at - SLOW)),
            reverse("admin:treasury_paymentorder_changelist"),
        ),
        (
            gettext_lazy("Payments kept back by a problem"),
            len(treasury.kept_back(tried_before=at)),
            reverse("admin:treasury_paymentorder_changelist") + "?state__exact=created",
        ),
        (gettext_lazy("Settlement steps kept back or failed"), waiting + failed, reverse("settlement:runs")),
    ]
    return Panel(gettext_lazy("Money that waits for you"), "settlement/queues.html", {"rows": rows})


def _admin(app: str) -> str:
    try:
        return reverse(f"admin:{app}_supplierinvoice_changelist") + "?state__exact=mismatched"
    except NoReverseMatch:
        return ""


offers(gettext_lazy("Settlement runs"), "settlement:runs", roles=["platform"], staff=True, order=70)
