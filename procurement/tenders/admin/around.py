"""What surrounds a tender, as staff see it: invitations, questions, amendments, papers, complaints, bonds, keys."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from marketplace.foundation.admin import Deed, ReadOnlyAdmin, StatefulAdmin
from procurement.tenders import models, use_cases
from procurement.tenders.queries.procedures import DECIDED


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
