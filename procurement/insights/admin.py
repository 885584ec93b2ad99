"""Savings as staff see them."""

from __future__ import annotations

from django.contrib import admin

from marketplace.foundation.admin import ReadOnlyAdmin
from procurement.insights import models


@admin.register(models.Saving)
class SavingAdmin(ReadOnlyAdmin):
    """Who saved what, against which baseline."""

    list_display = ("buyer", "pool", "baseline", "headline", "quantity", "paid_minor", "saved_minor", "currency")
    list_filter = ("baseline", "headline", "currency")
    list_select_related = ("buyer", "pool")


@admin.register(models.JointSaving)
class JointSavingAdmin(ReadOnlyAdmin):
    """What pools saved together, and how it splits by each rule."""

    list_display = ("pool", "source", "quantity", "alone_minor", "together_minor", "currency", "proved_at")
    list_filter = ("source", "currency")
    list_select_related = ("pool",)


@admin.register(models.JointShare)
class JointShareAdmin(ReadOnlyAdmin):
    """One buyer's part of a joint saving."""

    list_display = ("buyer", "joint", "quantity", "alone_minor")
    list_select_related = ("buyer", "joint")


@admin.register(models.Release)
class ReleaseAdmin(ReadOnlyAdmin):
    """What was published of each contracting process, to the byte."""

    list_display = ("release_id", "tender_ref", "title", "tender_status", "at", "published_at")
    list_filter = ("kind", "tender_status")
    search_fields = ("ocid", "tender_ref", "title")
