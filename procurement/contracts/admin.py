"""Orders as staff see them."""

from __future__ import annotations

from django.contrib import admin

from marketplace.foundation.admin import ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin
from procurement.contracts import models


class OrderLines(ReadOnlyInline):
    model = models.OrderLine


class MemberLines(ReadOnlyInline):
    model = models.MemberLine


@admin.register(models.PurchaseOrder)
class PurchaseOrderAdmin(StatefulAdmin):
    """Orders with their lines and history."""

    list_display = ("ref", "state", "supplier", "tender_ref", "total_minor", "currency", "due_on")
    list_filter = ("state", "currency")
    list_select_related = ("supplier",)
    inlines = (OrderLines,)


@admin.register(models.OrderLine)
class OrderLineAdmin(ReadOnlyAdmin):
    """One line and whose share is in it."""

    list_display = ("order", "product", "region", "quantity", "shipped", "delivered")
    list_select_related = ("order", "product")
    inlines = (MemberLines,)
