"""Tenders as staff see them: read-only, with history and verbs. Bids appear, and can be counted, from opening on."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from marketplace.foundation.admin import Deed, ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin
from procurement.tenders import models, use_cases
from procurement.tenders.queries.procedures import DECIDED
from procurement.tenders.states import OPEN_TO_READ

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


@admin.register(models.Invitation)
class InvitationAdmin(StatefulAdmin):
    list_display = ("ref", "state", "tender", "supplier", "invited_by", "invited_at", "answered_at")
    list_filter = ("state",)
    list_select_related = ("tender", "supplier")
    search_fields = ("ref", "tender__ref", "supplier__ref")
    ordering = ("-id",)
    deeds = (
        Deed(
            "withdraw",
            _("Withdraw"),
            use_cases.withdraw_invitation,
            "invitation_ref",
            _("The firm knows of the tender no more. Only while it is a draft."),
        ),
    )


@admin.register(models.Question)
class QuestionAdmin(StatefulAdmin):
    """Questions; who asked is for nobody to see, staff neither."""

    list_display = ("ref", "state", "tender", "asked_at", "answered_by", "answered_at")
    list_filter = ("state",)
    list_select_related = ("tender",)
    search_fields = ("ref", "tender__ref", "wording")
    ordering = ("-id",)
    exclude = ("asker", "asked_by")
    deeds = (
        Deed(
            "set_aside",
            _("Set aside"),
            use_cases.set_question_aside,
            "question_ref",
            _("It is not answered; its asker alone is told why. Answers are written at the tender's desk."),
        ),
    )


@admin.register(models.Amendment)
class AmendmentAdmin(StatefulAdmin):
    list_display = ("ref", "state", "tender", "changes_terms", "bids_until", "proposed_by", "published_by")
    list_filter = ("state", "changes_terms")
    list_select_related = ("tender",)
    search_fields = ("ref", "tender__ref", "summary")
    ordering = ("-id",)
    deeds = (
        Deed(
            "publish",
            _("Publish"),
            use_cases.publish_amendment,
            "amendment_ref",
            _("The tender changes; all who look at it are told. Not by who proposed it."),
            asks_why=False,
        ),
        Deed("withdraw", _("Withdraw"), use_cases.withdraw_amendment, "amendment_ref"),
    )


@admin.register(models.TenderDocument)
class TenderDocumentAdmin(ReadOnlyAdmin):
    list_display = ("ref", "tender", "title", "kind", "size", "added_by", "added_at")
    list_select_related = ("tender",)
    search_fields = ("ref", "tender__ref", "title", "sha256")
    ordering = ("-id",)
    exclude = ("content",)


@admin.register(models.Complaint)
class ComplaintAdmin(StatefulAdmin):
    """The queue of complaints; decisions are proposed at the tender's desk."""

    list_display = ("ref", "state", "tender", "complainant", "lodged_at", "outcome", "remedy", "proposed_by")
    list_filter = ("state", "outcome")
    list_select_related = ("tender", "complainant")
    search_fields = ("ref", "tender__ref", "complainant__ref")
    ordering = ("-id",)
    deeds = (
        Deed(
            "uphold",
            _("Agree to the decision"),
            use_cases.decide_complaint,
            "complaint_ref",
            _("As another person proposed; the tender's desk says what follows from it."),
            asks_why=False,
        ),
    )


@admin.register(models.BidBond)
class BidBondAdmin(StatefulAdmin):
    list_display = ("ref", "state", "tender", "supplier", "currency", "amount_minor", "lodged_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("tender", "supplier")
    search_fields = ("ref", "tender__ref", "supplier_ref")
    ordering = ("-lodged_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.BidBond]:
        """Before opening there is nothing to see, nor to count: a bond says that a firm may bid."""
        found: QuerySet[models.BidBond] = (
            super().get_queryset(request).filter(tender__state__in=DECIDED, tender__auctions_left=0)
        )
        return found


@admin.register(models.SupplierScore)
class SupplierScoreAdmin(ReadOnlyAdmin):
    list_display = ("supplier", "as_of", "score", "recorded_by")
    list_select_related = ("supplier",)
    search_fields = ("supplier_ref",)
    ordering = ("-id",)


@admin.register(models.KeyHolder)
class KeyHolderAdmin(StatefulAdmin):
    list_display = ("ref", "state", "name", "person", "proposed_by", "confirmed_by", "confirmed_at")
    list_filter = ("state",)
    search_fields = ("ref", "name", "person")
    ordering = ("-id",)
    deeds = (
        Deed(
            "confirm",
            _("Confirm"),
            use_cases.confirm_holder_key,
            "holder_ref",
            _("Shares are sealed to this key from now on. Not by who proposed it, nor by its holder."),
            asks_why=False,
        ),
        Deed("refuse", _("Refuse"), use_cases.refuse_holder_key, "holder_ref", _("It never counted.")),
        Deed(
            "retire",
            _("Retire"),
            use_cases.retire_holder_key,
            "holder_ref",
            _("Named in no tender any more; shares it holds stay good."),
        ),
    )


@admin.register(models.KeyShare)
class KeyShareAdmin(StatefulAdmin):
    list_display = ("ref", "state", "tender", "number", "holder", "kept_at", "handed_in_at")
    list_filter = ("state",)
    list_select_related = ("tender", "holder")
    search_fields = ("ref", "tender__ref", "holder__name")
    ordering = ("-id",)
    exclude = ("sealed", "waiting", "token_sha256")


@admin.register(models.OpeningRecord)
class OpeningRecordAdmin(ReadOnlyAdmin):
    list_display = ("tender", "recorded_at")
    list_select_related = ("tender",)
    search_fields = ("tender__ref",)
    ordering = ("-id",)
    exclude = ("signature",)


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


@admin.register(models.Lot)
class LotAdmin(ReadOnlyAdmin):
    list_display = ("ref", "tender", "position", "description", "quantity", "unit", "reserve")
    list_select_related = ("tender",)
    search_fields = ("ref", "tender__ref", "description")
    ordering = ("-id",)


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
