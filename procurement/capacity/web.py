"""Work as a cloud factory sees it: what there is to make, how far each is, how full its resources are."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marketplace.events.queries import history
from marketplace.foundation.navigation import Panel, offers
from marketplace.foundation.pages import csv_of, leaf_of, masked, page
from marketplace.foundation.wording import template_words
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.words import gettext_noop
from procurement.capacity import forms, queries, use_cases
from procurement.capacity.states import WorkState

ROAD = [state.value for state in WorkState if state is not WorkState.CANCELLED]
OPEN = [WorkState.PLANNED.value, WorkState.MATERIAL_IN.value, WorkState.MADE.value]
DEEDS = {
    "material_in": gettext_lazy("Material is in"),
    "make": gettext_lazy("Made"),
    "pack": gettext_lazy("Packed"),
}
WINDOW = timedelta(days=14)  # how much of the load one page shows
MOST_ROWS = 5_000  # rows of a download
WORDS = {  # why the hours were given as they were
    "finishes_in_time": gettext_noop("Finishes on {on}, in time for {due}."),
    "finishes_late": gettext_noop("Finishes on {on}, after {due}."),
    "hours_missing": gettext_noop("There are no hours for {quantity} of it."),
    "full_until": gettext_noop("{factory} is full until {until}."),
    "no_hours": gettext_noop("{factory} offers no hours in this time."),
}


def _only(actor: Actor) -> Actor:
    """Return the asker as a member of its firm and nothing more."""
    return Actor(by=actor.by, organisation=actor.organisation, roles=actor.roles)


def _next(work: Any) -> str:
    """Return the next milestone, empty when there is none."""
    return next((verb for verb in queries.MILESTONES if verb in work.verbs), "")


@page("factory")
def work_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What our factories have to make, with the next milestone of each."""
    sift = forms.WorkSift(request.GET)
    rows = sift.narrow(queries.work_for(_only(actor)))
    if request.GET.get("as") == "csv":
        return csv_of("work-orders", HEAD, map(_cells, rows.order_by("-pk")[:MOST_ROWS]))
    leaf = leaf_of(rows, request)
    shown = {"leaf": leaf, "rows": [(row, _next(row)) for row in leaf.rows], "deeds": DEEDS, "sift": sift}
    return render(
        request, "capacity/work_list.html", {**shown, "today": clock.business_date(clock.now()), "open": OPEN}
    )


HEAD = (
    gettext_lazy("Work order"),
    gettext_lazy("Factory"),
    gettext_lazy("Order"),
    gettext_lazy("Product"),
    gettext_lazy("Quantity"),
    gettext_lazy("Unit"),
    gettext_lazy("Due on"),
    gettext_lazy("State"),
)


def _cells(row: Any) -> tuple[Any, ...]:
    line = row.order_line
    return (
        row.ref,
        row.factory.name,
        line.order.ref,
        line.product.code,
        row.quantity,
        line.product.unit,
        row.due_on,
        row.state,
    )


@page("factory")
def work(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """One work order: its milestones, the hours it takes day by day, and why."""
    row = get_object_or_404(queries.work_for(_only(actor)), ref=ref)
    context = {
        "work": row,
        "road": ROAD,
        "history": masked(history(row.ref), actor),
        "next": _next(row),
        "deeds": DEEDS,
        "days": row.days.select_related("factory_day").order_by("factory_day__day", "factory_day__resource"),
        "reasons": [
            template_words(WORDS.get(str(r["code"]), str(r["code"])), r) for r in row.why if isinstance(r, dict)
        ],
    }
    return render(request, "capacity/work.html", context)


@page("factory")
@require_POST
def reach(request: HttpRequest, actor: Actor, ref: str, milestone: str) -> HttpResponse:
    """Say that the next milestone is reached."""
    actor.must("planner")
    row = get_object_or_404(queries.work_for(_only(actor)), ref=ref)
    if milestone not in queries.MILESTONES:
        raise Http404
    use_cases.reach_milestone(work_ref=row.ref, milestone=milestone, by=actor.by, at=clock.now())
    messages.success(request, _("%(ref)s: noted.") % {"ref": ref})
    return redirect("capacity:work", ref)


@page("factory")
def load(request: HttpRequest, actor: Actor) -> HttpResponse:
    """How full each resource of our factories is, day by day."""
    factories = list(queries.factories_for(_only(actor)))
    since = forms.since_of(request.GET) or _start(actor)
    until = since + WINDOW
    days = [since + timedelta(days=n) for n in range(WINDOW.days)]
    blocks = [(factory, _grid(factory.ref, since, until, days)) for factory in factories]
    turn = {"since": since, "until": until, "before": since - WINDOW, "days": days}
    return render(request, "capacity/load.html", {"blocks": blocks, **turn})


def _start(actor: Actor) -> date:
    """Return where the load begins: this Monday, or the last week with work where all of it is over."""
    today = clock.business_date(clock.now())
    monday = today - timedelta(days=today.weekday())
    last = queries.work_for(_only(actor)).aggregate(last=Max("days__factory_day__day"))["last"]
    return monday if last is None or last >= monday else max(last - WINDOW + timedelta(days=1), date.min + WINDOW)


def _grid(factory_ref: str, since: date, until: date, days: list[date]) -> list[dict[str, Any]]:
    """Return a row per resource: by day the minutes there are, those taken, and where the bar's top is."""
    found: dict[str, dict[date, Any]] = defaultdict(dict)
    for row in queries.load(factory_ref, since, until):
        found[row.resource][row.day] = row
    return [
        {
            "resource": resource,
            "cells": [_cell(day, by_day.get(day)) for day in days],
            "taken": sum(one.minutes - one.minutes_left for one in by_day.values()),
            "minutes": sum(one.minutes for one in by_day.values()),
        }
        for resource, by_day in sorted(found.items())
    ]


def _cell(day: date, row: Any) -> dict[str, Any]:
    if row is None or not row.minutes:
        return {"day": day, "minutes": 0}
    taken = row.minutes - row.minutes_left
    share = taken * 100 // row.minutes
    return {"day": day, "minutes": row.minutes, "taken": taken, "share": share, "y": 28 - share * 28 / 100}


def to_make(actor: Actor) -> Panel | None:
    """Say what our factories have to make next."""
    if "factory" not in actor.roles:
        return None
    rows = list(queries.work_for(_only(actor)).filter(state__in=OPEN).order_by("due_on", "id")[:5])
    today = clock.business_date(clock.now())
    return Panel(gettext_lazy("To make"), "capacity/to_make.html", {"rows": rows, "today": today}) if rows else None


offers(gettext_lazy("Work orders"), "capacity:list", roles=["factory"], order=50)
offers(gettext_lazy("Load"), "capacity:load", roles=["factory"], order=52)
