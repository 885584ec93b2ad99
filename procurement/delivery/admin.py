"""Deliveries as staff see them."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from marketplace.foundation.admin import ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin, verb
from procurement.delivery import models, use_cases


class ShipmentLines(ReadOnlyInline):
    model = models.ShipmentLine


class ReceiptLines(ReadOnlyInline):
    model = models.ReceiptLine


class MemberBills(ReadOnlyInline):
    model = models.MemberBill


@admin.register(models.Shipment)
class ShipmentAdmin(StatefulAdmin):
    """Shipments; the hub counts what came."""

    list_display = ("ref", "state", "order", "tracking", "due_on", "dispatched_at", "arrived_at")
    list_filter = ("state",)
    list_select_related = ("order",)
    inlines = (ShipmentLines,)
    actions = (verb(_("Count as come whole"), use_cases.arrive_shipment, "shipment_ref"),)


@admin.register(models.Receipt)
class ReceiptAdmin(StatefulAdmin):
    """Receipts and what was rejected."""

    list_display = ("ref", "state", "shipment", "buyer", "confirmed_at")
    list_filter = ("state",)
    list_select_related = ("shipment", "buyer")
    inlines = (ReceiptLines,)


@admin.register(models.PoolBill)
class PoolBillAdmin(ReadOnlyAdmin):
    """What a pool cost, and how its members share it."""

    list_display = ("pool", "currency", "goods_minor", "freight_minor", "fee_minor", "billed_at")
    list_select_related = ("pool",)
    inlines = (MemberBills,)
