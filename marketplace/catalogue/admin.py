"""The catalogue as staff see it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from marketplace.catalogue import models, queries, use_cases
from marketplace.foundation.admin import Deed, ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin
from marketplace.foundation.wording import word
from marketplace.kernel import clock
from marketplace.kernel.refusals import Refusal


class VersionInline(ReadOnlyInline):
    model = models.Version
    fields = ("number", "changes", "proposed_by", "reviewed_by", "at", "why")
    ordering = ("-number",)


class SubstituteInline(ReadOnlyInline):
    model = models.Substitute
    fk_name = "product"
    fields = ("ref", "state", "replacement", "ratio", "conditions", "version")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("product", "replacement")


class MergeInline(ReadOnlyInline):
    model = models.MergeStep
    fk_name = "merged"
    fields = ("verb", "kept", "ratio", "odds", "by", "at", "why")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("merged", "kept")


class Duplicates(admin.SimpleListFilter):
    """Only the products that may be one."""

    title = _("Duplicates")
    parameter_name = "duplicates"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("May be one"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        refs = [ref for group in queries.duplicate_candidates() for ref in group.refs]
        return queryset.filter(ref__in=refs).order_by("match_key", "id")


class IdentifierInline(ReadOnlyInline):
    model = models.Identifier
    fields = ("scheme", "value", "doubt")


class PriceListInline(ReadOnlyInline):
    model = models.PriceListTier
    fields = ("supplier", "from_quantity", "unit_price", "currency", "published_at", "superseded_at")


@admin.register(models.Product)
class ProductAdmin(StatefulAdmin):
    """Products; staff review drafts, retire and restore."""

    list_display = ("ref", "code", "name_en", "name_zh", "category", "unit", "pack_size", "state")
    list_filter = ("state", Duplicates, "category")
    search_fields = ("ref", "code", "name_en", "name_zh")
    list_select_related = ("category",)
    inlines = (VersionInline, SubstituteInline, MergeInline, IdentifierInline, PriceListInline)
    actions = ("merge_into_oldest",)
    deeds = (
        Deed("review", _("Review"), use_cases.review_product, "product_ref", _("It may be traded from now on.")),
        Deed("retire", _("Retire"), use_cases.retire_product, "product_ref", _("Nobody may ask for it any more.")),
        Deed("restore", _("Restore as a draft"), use_cases.restore_product, "product_ref"),
        Deed("split", _("Undo the merge"), use_cases.split_product, "product_ref", _("It answers for itself again.")),
    )

    @admin.action(description=_("Merge into the oldest of these"))
    def merge_into_oldest(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        refs = list(queryset.order_by("id").values_list("ref", flat=True))
        done = 0
        for ref in refs[1:]:
            try:
                who: dict[str, Any] = {"by": f"user:{request.user.get_username()}", "at": clock.now()}
                use_cases.merge_products(keep_ref=refs[0], merge_ref=ref, why="the same product", **who)
                done += 1
            except Refusal as refusal:
                self.message_user(request, f"{ref}: {word(refusal)}", messages.WARNING)
        if done:
            self.message_user(request, _("Done: %(count)d") % {"count": done}, messages.SUCCESS)


@admin.register(models.Proposal)
class ProposalAdmin(StatefulAdmin):
    """Changes of master data that wait for another pair of eyes."""

    list_display = ("ref", "state", "product", "category", "substitute", "base_version", "proposed_by", "proposed_at")
    list_filter = ("state",)
    search_fields = ("ref", "product__ref", "product__code", "category__code", "substitute__ref")
    list_select_related = ("product", "category", "substitute")
    deeds = (
        Deed("publish", _("Publish"), use_cases.publish_proposal, "proposal_ref", _("It is the version in force.")),
        Deed("send_back", _("Send back"), use_cases.send_back_proposal, "proposal_ref"),
        Deed("propose", _("Hand in for review"), use_cases.propose_draft, "proposal_ref"),
        Deed("withdraw", _("Withdraw"), use_cases.withdraw_proposal, "proposal_ref"),
    )


@admin.register(models.Substitute)
class SubstituteAdmin(StatefulAdmin):
    """Which product may be replaced by which."""

    list_display = ("ref", "state", "product", "replacement", "ratio", "conditions", "version")
    list_filter = ("state",)
    search_fields = ("ref", "product__ref", "product__code", "replacement__ref", "replacement__code")
    list_select_related = ("product", "replacement")
    inlines = (VersionInline,)
    deeds = (
        Deed(
            "withdraw",
            _("Withdraw"),
            use_cases.withdraw_substitute,
            "substitute_ref",
            _("The product is not replaced so any more."),
        ),
    )


class RuleChangeInline(ReadOnlyInline):
    model = models.StandingRuleChange
    fields = ("revision", "before", "after", "by", "at", "why")


@admin.register(models.Category)
class CategoryAdmin(ReadOnlyAdmin):
    list_display = (
        "code",
        "name_en",
        "name_zh",
        "parent",
        "deposit_percent",
        "fee_percent",
        "allocation_rule",
        "window",
        "region_scope",
    )
    search_fields = ("code", "name_en", "name_zh")
    list_select_related = ("parent",)
    inlines = (VersionInline, RuleChangeInline)
