"""Tenders and their lots, as staff see them."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from marketplace.foundation.admin import Deed, ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin
from procurement.tenders import models, use_cases

SECONDS_TO_AWARD = 20.0


class LotsInline(ReadOnlyInline):
    model = models.Lot
    verbose_name_plural = _("Lots")
    fields = ("ref", "position", "description", "window_start", "quantity", "unit", "step", "reserve")
    readonly_fields = fields
    ordering = ("position",)


class InvitationsInline(ReadOnlyInline):
    model = models.Invitation
    verbose_name_plural = _("Invitations")
    fields = ("ref", "supplier", "state", "invited_by", "invited_at", "reason")
    readonly_fields = fields


class SharesInline(ReadOnlyInline):
    model = models.KeyShare
    verbose_name_plural = _("Key shares")
    fields = ("number", "holder", "state", "commitment", "kept_at", "handed_in_at")
    readonly_fields = fields
    ordering = ("number",)


class FlagsInline(ReadOnlyInline):
    model = models.BidFlag
    verbose_name_plural = _("Second looks")
    fields = ("kind", "about", "figures", "found_at", "asked_at", "answer")
    readonly_fields = fields
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.BidFlag]:
        """While an auction is to come or runs, nobody is named."""
        found: QuerySet[models.BidFlag] = super().get_queryset(request).filter(tender__auctions_left=0)
        return found


@admin.register(models.Tender)
class TenderAdmin(StatefulAdmin):
    list_display = ("ref", "state", "title", "currency", "procedure", "bids_until", "standstill_until", "historic")
    list_filter = ("state", "currency", "procedure", "historic")
    search_fields = ("ref", "title")
    ordering = ("-id",)
    inlines = (LotsInline, InvitationsInline, SharesInline, FlagsInline)
    exclude = ("public_key", "locked_key", "key_signature", "root_signature")
    readonly_fields = ("at_the_desk", "steps")
    deeds = (
        Deed(
            "publish",
            _("Publish"),
            use_cases.publish_tender,
            "tender_ref",
            _("Suppliers may bid; its terms are fixed. Not by who prepared it."),
            asks_why=False,
        ),
        Deed(
            "close",
            _("Close"),
            use_cases.close_tender,
            "tender_ref",
            _("No bid enters any more. Not before its time."),
            asks_why=False,
        ),
        Deed(
            "open",
            _("Open the bids"),
            use_cases.open_tender,
            "tender_ref",
            _("All bids are decrypted and checked. Not by who published it."),
            asks_why=False,
        ),
        Deed(
            "evaluate",
            _("Award"),
            partial(use_cases.award_tender, seconds=SECONDS_TO_AWARD),
            "tender_ref",
            _("The cheapest valid mix wins; members it is too dear for are let go."),
            asks_why=False,
        ),
        Deed(
            "conclude",
            _("Conclude"),
            use_cases.conclude_tender,
            "tender_ref",
            _("Orders are placed. Not before the standstill is over."),
            asks_why=False,
        ),
        Deed("ask_to_cancel", _("Ask to cancel"), use_cases.ask_to_cancel, "tender_ref", _("Another person decides.")),
        Deed(
            "cancel",
            _("Cancel as asked"),
            use_cases.cancel_tender,
            "tender_ref",
            _("Its pools fail and all deposits are released. Not by who asked."),
            asks_why=False,
        ),
    )

    @admin.display(description=_("Desk"))
    def at_the_desk(self, row: models.Tender) -> str:
        """Where staff answer, amend, invite and decide at this tender."""
        return format_html('<a href="{}">{}</a>', reverse("tenders:desk", args=[row.ref]), row.ref)


@admin.register(models.Lot)
class LotAdmin(ReadOnlyAdmin):
    list_display = ("ref", "tender", "position", "description", "quantity", "unit", "reserve")
    list_select_related = ("tender",)
    search_fields = ("ref", "tender__ref", "description")
    ordering = ("-id",)
