"""Pools as staff see them: read-only, with their history, their members, and the verbs freeze and fail."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from marketplace.foundation.admin import Deed, ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin
from procurement.pools import models, use_cases


class HubsInline(ReadOnlyInline):
    model = models.PoolHub
    verbose_name_plural = _("Hubs")
    fields = ("name", "region", "address")
    readonly_fields = fields


class ChangesInline(ReadOnlyInline):
    model = models.CommitmentChange
    verbose_name_plural = _("Changes")
    fields = ("at", "by", "buyer", "what", "from_quantity", "to_quantity", "from_tolerance", "to_tolerance", "why")
    readonly_fields = fields
    ordering = ("id",)


class MembersInline(ReadOnlyInline):
    model = models.Commitment
    verbose_name_plural = _("Members")
    fields = (
        "ref",
        "entry",
        "state",
        "buyer",
        "quantity",
        "tolerance",
        "ceiling",
        "allocated",
        "delivered",
        "deposit_minor",
    )
    readonly_fields = fields
    ordering = ("joined_at", "id")


@admin.register(models.Pool)
class PoolAdmin(StatefulAdmin):
    list_display = (
        "ref", "state", "product", "region", "window_start", "joined", "capacity", "ordered", "unit", "freeze_at",
    )  # fmt: skip
    list_filter = ("state", "currency", "region")
    list_select_related = ("product",)
    date_hierarchy = "window_start"
    ordering = ("-id",)
    inlines = (MembersInline, HubsInline, ChangesInline)
    deeds = (
        Deed(
            "fill",
            _("Begin filling"),
            use_cases.start_filling,
            "pool_ref",
            _("From now on it takes only changes that reduce what it lacks."),
        ),
        Deed(
            "freeze",
            _("Freeze"),
            use_cases.freeze_pool,
            "pool_ref",
            _("Nobody joins or leaves any more; members are bound and their deposits held."),
        ),
        Deed(
            "fail",
            _("Let it fail"),
            use_cases.fail_pool,
            "pool_ref",
            _("All members are free, their deposits released, their lines open again."),
        ),
    )


@admin.register(models.Commitment)
class CommitmentAdmin(StatefulAdmin):
    list_display = ("ref", "state", "pool", "buyer", "quantity", "allocated", "delivered", "deposit_minor", "joined_at")
    list_filter = ("state", "currency", "dropped_for")
    list_select_related = ("pool", "buyer")
    search_fields = ("ref", "pool__ref", "buyer__ref")
    ordering = ("-id",)


@admin.register(models.MarketPlan)
class MarketPlanAdmin(ReadOnlyAdmin):
    """Plans of whole markets; their lines are columns, too many to show one by one."""

    list_display = (
        "ref", "source", "effort", "estimate", "lines", "pools", "left_out", "total", "bound", "planned_by", "planned_at",
    )  # fmt: skip
    list_filter = ("effort", "estimate")
    search_fields = ("ref", "problem_sha256")
    ordering = ("-id",)
