"""The catalogue as staff see it."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from marketplace.catalogue import models, use_cases
from marketplace.foundation.admin import Deed, ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin


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
    list_filter = ("state", "category")
    search_fields = ("ref", "code", "name_en", "name_zh")
    list_select_related = ("category",)
    inlines = (IdentifierInline, PriceListInline)
    deeds = (
        Deed("review", _("Review"), use_cases.review_product, "product_ref", _("It may be traded from now on.")),
        Deed("retire", _("Retire"), use_cases.retire_product, "product_ref", _("Nobody may ask for it any more.")),
        Deed("restore", _("Restore as a draft"), use_cases.restore_product, "product_ref"),
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
    inlines = (RuleChangeInline,)
