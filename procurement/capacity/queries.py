"""What may be asked about capacity."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Q, QuerySet, Sum

from marketplace.kernel.actors import Actor
from procurement.capacity import models
from procurement.capacity.states import WORK, WorkState

MILESTONES = ("material_in", "make", "pack")


def factories_for(actor: Actor) -> QuerySet[models.Factory]:
    """Return the actor's own factories; all for staff."""
    rows = models.Factory.objects.select_related("organisation").order_by("-id")
    if actor.staff:
        return rows
    return rows.filter(organisation__ref=actor.organisation) if actor.organisation else rows.none()


def work_for(actor: Actor) -> QuerySet[models.WorkOrder]:
    """Return the work of the actor's factories; all for staff."""
    rows = models.WorkOrder.objects.select_related("factory__organisation", "order_line__order", "order_line__product")
    rows = rows.order_by("-id")
    if actor.staff:
        return rows
    return rows.filter(factory__organisation__ref=actor.organisation) if actor.organisation else rows.none()


def load(factory_ref: str, since: date, until: date) -> QuerySet[models.FactoryDay]:
    """Return the hours of a factory's resources on the days from `since` up to, not including, `until`."""
    days = models.FactoryDay.objects.filter(factory__ref=factory_ref, day__gte=since, day__lt=until)
    return days.order_by("resource", "day")


def open_milestones() -> list[tuple[str, list[str]]]:
    """Return the work that is not packed, oldest first, with the milestones it still has to reach."""
    rows = models.WorkOrder.objects.exclude(state__in=[WorkState.PACKED.value, WorkState.CANCELLED.value])
    found = []
    for ref, state in rows.order_by("id").values_list("ref", "state"):
        ahead, here = [], state
        while steps := [verb for verb in WORK.verbs(here) if verb in MILESTONES]:
            ahead.append(steps[0])
            here = WORK.after(here, steps[0])
        found.append((ref, ahead))
    return found


def open_work_of(order_ref: str) -> list[str]:
    """Return the refs of an order's work that can still be called off."""
    rows = models.WorkOrder.objects.filter(order_line__order__ref=order_ref)
    rows = rows.filter(state__in=[WorkState.PLANNED.value, WorkState.MATERIAL_IN.value])
    return list(rows.order_by("id").values_list("ref", flat=True))


def verify() -> list[str]:
    """Return what is wrong with the hours: days whose taken minutes are not what their work takes."""
    days = models.FactoryDay.objects.annotate(used=Sum("taken__minutes"))
    wrong = days.exclude(used=F("minutes") - F("minutes_left")).exclude(
        Q(used__isnull=True) & Q(minutes=F("minutes_left"))
    )
    return [f"factory day {day}: work takes {day.used}" for day in wrong.select_related("factory")]
