"""The parties as staff see them."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from marketplace.foundation.admin import Deed, ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin
from marketplace.foundation.templatetags.reader import minor, role_word
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.refusals import Refusal
from marketplace.parties import models, use_cases

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Groups of staff."""


@admin.register(models.User)
class UserAdmin(BaseUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    """People; whoever has Django's own rights over users enters staff and resets passwords here."""

    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    list_display = ("username", "first_name", "email", "is_staff", "is_active", "last_login")
    search_fields = ("username", "first_name", "email")
    list_filter = ("is_staff", "is_active")


class Worded:
    """A membership's columns as a person reads them."""

    @admin.display(description=_("May act as"))
    def acts_as(self, row: models.Membership) -> str:
        return ", ".join(role_word(role) for role in row.roles)

    @admin.display(description=_("Spending limit"))
    def limit(self, row: models.Membership) -> str:
        return minor(row.spending_limit_minor, row.currency)


class MembershipInline(Worded, ReadOnlyInline):
    model = models.Membership
    fields = ("user", "acts_as", "limit", "since", "until", "added_by")
    readonly_fields = ("acts_as", "limit")


class SiteInline(ReadOnlyInline):
    model = models.Site
    fields = ("ref", "name", "address", "region", "receives_from", "receives_until")


class DocumentInline(ReadOnlyInline):
    model = models.VerificationDocument
    fields = ("kind", "paper", "expires_on", "added_by", "added_at", "verified_by", "verified_at")
    readonly_fields = ("paper",)

    @admin.display(description=_("Document"))
    def paper(self, row: models.VerificationDocument) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:parties_organisation_document", args=[row.pk]), row.file_name
        )


@admin.register(models.Organisation)
class OrganisationAdmin(StatefulAdmin):
    """Organisations, with their files; staff verify, suspend and reinstate them."""

    list_display = ("ref", "legal_name", "state", "country", "region", "taken_roles", "identifier_doubt")
    list_filter = ("state", "is_buyer", "is_supplier", "is_factory", "is_financier")
    search_fields = ("ref", "legal_name", "name_norm", "identifier")
    inlines = (MembershipInline, SiteInline, DocumentInline)
    deeds = (
        Deed("verify", _("Verify"), use_cases.verify_organisation, "organisation_ref", _("It may trade from now on.")),
        Deed(
            "suspend",
            _("Suspend"),
            use_cases.suspend_organisation,
            "organisation_ref",
            _("It may do nothing new; what it owes and is owed stands."),
        ),
        Deed("reinstate", _("Reinstate"), use_cases.reinstate_organisation, "organisation_ref"),
        Deed("leave", _("Let it leave"), use_cases.leave_market, "organisation_ref", _("Its members act no more.")),
    )

    @admin.display(description=_("Roles"))
    def taken_roles(self, row: models.Organisation) -> str:
        return ", ".join(role_word(role) for role in sorted(row.roles))

    def get_urls(self) -> list[URLPattern]:
        mine = path(
            "document/<int:pk>/", self.admin_site.admin_view(self.document), name="parties_organisation_document"
        )
        return [mine, *super().get_urls()]

    def document(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out one paper of a verification file as it was put in; never shown inside our pages."""
        row = models.VerificationDocument.objects.filter(pk=pk).first()
        if row is None or not self.has_view_permission(request):
            raise Http404
        answer = HttpResponse(bytes(row.content), content_type="application/octet-stream")
        answer["Content-Disposition"] = f'attachment; filename="{row.sha256[:12]}"'
        answer["X-Content-Type-Options"] = "nosniff"
        return answer


@admin.register(models.VerificationDocument)
class VerificationDocumentAdmin(ReadOnlyAdmin):
    """Papers of firms; one counts once somebody other than who added it looked at it."""

    list_display = ("organisation", "kind", "file_name", "expires_on", "added_by", "verified_by", "verified_at")
    list_filter = ("kind",)
    list_select_related = ("organisation",)
    search_fields = ("organisation__ref", "kind", "file_name")
    ordering = ("-id",)
    exclude = ("content",)
    actions = ("verify",)

    @admin.action(description=_("Verify"))
    def verify(self, request: HttpRequest, queryset: QuerySet[models.VerificationDocument]) -> None:
        """Let the chosen papers count."""
        for row in queryset:
            try:
                use_cases.verify_document(document_id=row.pk, by=f"user:{request.user.get_username()}", at=clock.now())
            except Refusal as refusal:
                self.message_user(request, f"{row}: {word(refusal)}", messages.WARNING)


@admin.register(models.BankAccount)
class BankAccountAdmin(StatefulAdmin):
    """Bank accounts; a change is confirmed by another person than asked for it."""

    list_display = ("ref", "organisation", "state", "holder", "hidden_number", "requested_by", "usable_from")
    list_filter = ("state",)
    search_fields = ("ref", "organisation__ref", "holder")
    exclude = ("number",)
    readonly_fields = ("hidden_number", "steps")
    deeds = (
        Deed(
            "confirm",
            _("Confirm the change"),
            use_cases.confirm_bank_account,
            "bank_account_ref",
            _("Payouts go there 48 hours from now; whoever asked for it cannot confirm it."),
        ),
        Deed("refuse", _("Refuse the change"), use_cases.refuse_bank_account, "bank_account_ref"),
    )


@admin.register(models.Membership)
class MembershipAdmin(Worded, ReadOnlyAdmin):
    list_display = ("user", "organisation", "acts_as", "limit", "since", "until")
    search_fields = ("user__username", "organisation__ref", "organisation__legal_name")
    list_select_related = ("user", "organisation")


@admin.register(models.Site)
class SiteAdmin(ReadOnlyAdmin):
    list_display = ("ref", "name", "organisation", "region", "address")
    search_fields = ("ref", "name", "organisation__ref")
    list_select_related = ("organisation",)


@admin.register(models.Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("at", "organisation", "about_ref", "text", "read_at")
    search_fields = ("about_ref", "organisation__ref")
    list_select_related = ("organisation",)
