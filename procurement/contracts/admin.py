"""Frameworks, orders and changes as staff see them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from marketplace.foundation.admin import Deed, ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin
from procurement.contracts import models, use_cases


class OrderLines(ReadOnlyInline):
    model = models.OrderLine


class MemberLines(ReadOnlyInline):
    model = models.MemberLine


class DueDeliveries(ReadOnlyInline):
    model = models.DueDelivery


class FrameworkSteps(ReadOnlyInline):
    model = models.FrameworkStep


class CallOffs(ReadOnlyInline):
    model = models.CallOff
    fields = ("ref", "state", "pool", "quantity", "unit_price", "amount_minor", "called_at")


class ChangeLines(ReadOnlyInline):
    model = models.ChangeLine


class ChangeVoices(ReadOnlyInline):
    model = models.ChangeVoice


@admin.register(models.PurchaseOrder)
class PurchaseOrderAdmin(StatefulAdmin):
    """Orders with their lines and history."""

    list_display = ("ref", "state", "supplier", "tender_ref", "total_minor", "currency", "due_on")
    list_filter = ("state", "currency")
    list_select_related = ("supplier",)
    inlines = (OrderLines,)


@admin.register(models.OrderLine)
class OrderLineAdmin(ReadOnlyAdmin):
    """One line, when it is due and whose share is in it."""

    list_display = ("order", "product", "region", "quantity", "shipped", "delivered")
    list_select_related = ("order", "product")
    inlines = (DueDeliveries, MemberLines)


@admin.register(models.Framework)
class FrameworkAdmin(StatefulAdmin):
    """Frameworks with their steps, ceilings and call-offs; they are offered and called off on their pages."""

    list_display = (
        "ref",
        "state",
        "supplier",
        "product",
        "called",
        "ceiling",
        "called_minor",
        "ceiling_minor",
        "ends_on",
    )
    list_filter = ("state", "currency")
    list_select_related = ("supplier", "product")
    inlines = (FrameworkSteps, CallOffs)
    deeds = (
        Deed("suspend", _("Suspend"), use_cases.suspend_framework, "framework_ref", _("Nothing is called off it.")),
        Deed("resume", _("Resume"), use_cases.resume_framework, "framework_ref"),
        Deed("end", _("End"), use_cases.end_framework, "framework_ref", _("It ends for good; its orders go on.")),
    )


def _withdraw(*, change_ref: str, why: str = "", by: str, at: Any) -> None:
    use_cases.withdraw_change(change_ref=change_ref, party_ref="", by=by, at=at)


@admin.register(models.OrderChange)
class OrderChangeAdmin(StatefulAdmin):
    """What was proposed of orders, before and after, and each party's word."""

    list_display = ("ref", "state", "order", "side", "cancels", "proposed_by", "proposed_at")
    list_filter = ("state", "side", "cancels")
    list_select_related = ("order",)
    inlines = (ChangeLines, ChangeVoices)
    deeds = (Deed("withdraw", _("Withdraw"), _withdraw, "change_ref", asks_why=False),)


@admin.register(models.DueDelivery)
class DueDeliveryAdmin(ReadOnlyAdmin):
    """Dated deliveries, and which were told to be late."""

    list_display = ("line", "due_on", "quantity", "told_at")
    list_filter = ("due_on",)
    list_select_related = ("line__order", "line__product")


@admin.register(models.OrderMessage)
class OrderMessageAdmin(ReadOnlyAdmin):
    """What the parties of orders wrote."""

    list_display = ("order", "author", "buyer", "at", "text")
    list_select_related = ("order", "author", "buyer")


@admin.register(models.OrderPaper)
class OrderPaperAdmin(ReadOnlyAdmin):
    """Documents of orders; their bytes are downloaded on the order's page."""

    list_display = ("order", "file_name", "media_type", "size", "author", "buyer", "at")
    list_select_related = ("order", "author", "buyer")
    exclude = ("content",)
