"""What was opened, auctioned and awarded, as staff see it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from marketplace.foundation.admin import Deed, ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin
from procurement.tenders import models, use_cases
from procurement.tenders.states import OPEN_TO_READ


@admin.register(models.BidFlag)
class BidFlagAdmin(ReadOnlyAdmin):
    list_display = ("kind", "tender", "about", "found_at", "asked_at", "answered_at")
    list_filter = ("kind",)
    list_select_related = ("tender",)
    search_fields = ("about", "tender__ref")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.BidFlag]:
        """While an auction is to come or runs, nobody is named."""
        found: QuerySet[models.BidFlag] = super().get_queryset(request).filter(tender__auctions_left=0)
        return found


@admin.register(models.AwardOverride)
class AwardOverrideAdmin(StatefulAdmin):
    list_display = ("ref", "state", "tender", "cost_minor", "asked_by", "asked_at", "decided_by", "decided_at")
    list_select_related = ("tender",)
    search_fields = ("ref", "tender__ref")
    ordering = ("-id",)
    deeds = (
        Deed(
            "approve",
            _("Award as asked"),
            use_cases.approve_override,
            "override_ref",
            _("The tender is awarded against the engine, at the cost that is told. Not by who asked."),
            asks_why=False,
        ),
        Deed("refuse", _("Turn down"), use_cases.refuse_override, "override_ref", _("The engine's award stays open.")),
    )


class OfferedInline(ReadOnlyInline):
    model = models.LotOffer
    verbose_name_plural = _("Offers")
    fields = ("lot", "complete", "total_minor", "stated_total_minor", "lead_days", "freight", "co2", "life_cycle")
    readonly_fields = fields


class PackagesInline(ReadOnlyInline):
    model = models.BidPackage
    verbose_name_plural = _("Packages")
    fields = ("name", "price")
    readonly_fields = fields


@admin.register(models.OpenedBid)
class OpenedBidAdmin(ReadOnlyAdmin):
    list_display = ("supplier_name", "tender", "received_at", "currency", "valid_until", "capacity", "rejected")
    list_filter = ("rejected",)
    list_select_related = ("tender",)
    search_fields = ("supplier_name", "supplier_ref", "tender__ref")
    ordering = ("-id",)
    inlines = (OfferedInline, PackagesInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.OpenedBid]:
        """While auctions are left, who bids at which price is masked."""
        found: QuerySet[models.OpenedBid] = super().get_queryset(request).filter(tender__auctions_left=0)
        return found


@admin.register(models.Auction)
class AuctionAdmin(StatefulAdmin):
    """Auctions with masked names; bids are placed by firms alone."""

    list_display = ("ref", "state", "tender", "lot", "starts_at", "due_at", "steps", "ended_at")
    list_filter = ("state",)
    list_select_related = ("tender", "lot")
    search_fields = ("ref", "tender__ref", "lot__ref")
    ordering = ("-id",)
    exclude = ("signature",)
    deeds = (
        Deed(
            "call_off",
            _("Call off"),
            use_cases.call_off_auction,
            "auction_ref",
            _("Only before it begins; its lot may be given another auction."),
        ),
    )


@admin.register(models.AuctionEvent)
class AuctionEventAdmin(ReadOnlyAdmin):
    """The steps of auctions; whose they are is for nobody to see."""

    list_display = ("auction", "number", "kind", "bidder", "price", "at")
    list_select_related = ("auction",)
    search_fields = ("auction__ref",)
    ordering = ("-auction_id", "number")
    exclude = ("by",)


@admin.register(models.SealedBid)
class SealedBidAdmin(StatefulAdmin):
    list_display = ("ref", "state", "tender", "supplier", "version", "received_at")
    list_select_related = ("tender", "supplier")
    search_fields = ("ref", "tender__ref", "supplier_ref")
    ordering = ("-received_at",)
    exclude = ("ephemeral_key", "nonce", "ciphertext", "signature")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.SealedBid]:
        """Before opening there is nothing to see, nor to count."""
        found: QuerySet[models.SealedBid] = (
            super().get_queryset(request).filter(tender__state__in=OPEN_TO_READ, tender__auctions_left=0)
        )
        return found


class AwardLinesInline(ReadOnlyInline):
    model = models.AwardLine
    verbose_name_plural = _("Lines")
    fields = ("lot", "region", "supplier", "quantity", "unit_price", "freight", "why")
    readonly_fields = fields
    ordering = ("id",)


@admin.register(models.Award)
class AwardAdmin(ReadOnlyAdmin):
    list_display = ("ref", "tender", "currency", "total_minor", "bound_minor", "proved", "rounds", "awarded_at")
    list_select_related = ("tender",)
    search_fields = ("ref", "tender__ref")
    ordering = ("-id",)
    inlines = (AwardLinesInline,)


@admin.register(models.AwardRound)
class AwardRoundAdmin(ReadOnlyAdmin):
    list_display = ("award", "part", "round", "problem_sha256")
    list_select_related = ("award",)
    search_fields = ("award__ref",)
    ordering = ("-award_id", "part", "round")
    readonly_fields: tuple[str, ...] = ()


@admin.register(models.BidImport)
class BidImportAdmin(ReadOnlyAdmin):
    list_display: Any = ("file_name", "imported_by", "imported_at")
    ordering = ("-id",)
