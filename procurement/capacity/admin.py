"""Factories and work as staff see them."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from marketplace.foundation.admin import ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin, verb
from procurement.capacity import models, use_cases


class Capabilities(ReadOnlyInline):
    model = models.Capability


class WorkDays(ReadOnlyInline):
    model = models.WorkDay


@admin.register(models.Factory)
class FactoryAdmin(ReadOnlyAdmin):
    """Factories and what they can make."""

    list_display = ("ref", "name", "organisation", "region")
    search_fields = ("ref", "name")
    list_select_related = ("organisation",)
    inlines = (Capabilities,)


@admin.register(models.FactoryDay)
class FactoryDayAdmin(ReadOnlyAdmin):
    """Hours by day."""

    list_display = ("factory", "resource", "day", "minutes", "minutes_left")
    list_filter = ("resource",)
    list_select_related = ("factory",)


@admin.register(models.WorkOrder)
class WorkOrderAdmin(StatefulAdmin):
    """Work orders with their days and history."""

    list_display = ("ref", "state", "factory", "quantity", "unmet", "due_on", "late_days")
    list_filter = ("state",)
    list_select_related = ("factory",)
    inlines = (WorkDays,)
    actions = (verb(_("Call off and free the hours"), use_cases.cancel_work, "work_ref"),)
