"""Factories, their hours, and the work that takes them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.fields import ExactDecimalField
from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.capacity.states import WORK, WorkState


class Factory(models.Model):
    """A cloud factory: where an organisation makes things."""

    ref = models.CharField(max_length=40, unique=True)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    region = models.CharField(max_length=80)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="factory_once")]

    def __str__(self) -> str:
        return f"{self.ref} {self.name}"


class Capability(models.Model):
    """What a factory can make: products of one category on one resource, and how long a unit takes."""

    factory = models.ForeignKey(Factory, on_delete=models.PROTECT, related_name="capabilities")
    category = models.ForeignKey("catalogue.Category", on_delete=models.PROTECT, related_name="+")
    process = models.CharField(max_length=80)
    resource = models.CharField(max_length=80)
    minutes_per_unit = ExactDecimalField()
    setup_minutes = models.PositiveIntegerField(default=0)
    certificate = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(minutes_per_unit__gt=0), name="capability_takes_time"),
            models.UniqueConstraint(fields=["factory", "category", "process"], name="capability_once"),
        ]

    def __str__(self) -> str:
        return f"{self.factory_id}: {self.process} on {self.resource}"


class FactoryDay(models.Model):
    """The minutes a resource has on one day, and how many are still free; taken by one conditional update."""

    factory = models.ForeignKey(Factory, on_delete=models.PROTECT, related_name="days")
    resource = models.CharField(max_length=80)
    day = models.DateField()
    minutes = models.PositiveIntegerField()
    minutes_left = models.IntegerField()

    class Meta:
        constraints = [
            at_least("minutes_left", 0, "factory_day_never_overbooked"),
            models.CheckConstraint(condition=Q(minutes_left__lte=F("minutes")), name="factory_day_frees_what_it_has"),
            models.UniqueConstraint(fields=["factory", "resource", "day"], name="factory_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.factory_id} {self.resource} {self.day}: {self.minutes_left} of {self.minutes}"


class WorkOrder(Stateful):
    """Work that one factory does for one order line; `unmet` is what its hours could not hold, `why` says so."""

    machine = WORK

    state = models.CharField(max_length=24, default=WorkState.PLANNED.value)
    factory = models.ForeignKey(Factory, on_delete=models.PROTECT, related_name="work")
    capability = models.ForeignKey(Capability, on_delete=models.PROTECT, related_name="+")
    order_line = models.ForeignKey("contracts.OrderLine", on_delete=models.PROTECT, related_name="+")
    quantity = ExactDecimalField()
    unmet = ExactDecimalField(default=0)
    due_on = models.DateField()
    late_days = models.IntegerField(default=0)
    why = models.JSONField(default=list)
    planned_at = models.DateTimeField()

    class Meta:
        constraints = [
            state_known(WORK, "work_state_known"),
            at_least("quantity", 0, "work_quantity_not_negative"),
            at_least("unmet", 0, "work_unmet_not_negative"),
            models.UniqueConstraint(
                fields=["order_line", "factory"], condition=~Q(state="cancelled"), name="work_once_per_order_line"
            ),
        ]


class WorkDay(models.Model):
    """The minutes of one factory day that a work order has taken, and what is made in them."""

    work = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="days")
    factory_day = models.ForeignKey(FactoryDay, on_delete=models.PROTECT, related_name="taken")
    quantity = ExactDecimalField()
    minutes = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="work_day_makes_something"),
            models.UniqueConstraint(fields=["work", "factory_day"], name="work_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.work_id} {self.factory_day_id}: {self.quantity}"
