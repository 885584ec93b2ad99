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
