"""Demand as staff see it."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from marketplace.foundation.admin import Deed, ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin
from procurement.demand import models, use_cases


class LineInline(ReadOnlyInline):
    model = models.RequestLine
    verbose_name_plural = _("Lines")
    fields = (
        "position", "line_state", "product", "text", "quantity", "tolerance", "unit", "needed_from", "needed_to",
        "region", "ceiling", "unit_price", "stated_value", "vendor",
    )  # fmt: skip
    readonly_fields = fields
    ordering = ("position",)
    per_page = 50


@admin.register(models.PurchaseRequest)
class PurchaseRequestAdmin(StatefulAdmin):
    """Requests with their lines; staff send back, cancel, close and let lapse."""

    list_display = ("ref", "state", "buyer", "currency", "requested_by", "opened_at", "external_ref", "batch")
    list_filter = ("state", "currency")
    list_select_related = ("buyer", "batch")
    search_fields = ("ref", "external_ref")
    ordering = ("-id",)
    inlines = (LineInline,)
    deeds = (
        Deed("send_back", _("Send back"), use_cases.send_back_request, "request_ref", _("It becomes a draft again.")),
        Deed("cancel", _("Cancel"), use_cases.cancel_request, "request_ref", _("All its open lines are taken back.")),
        Deed("close", _("Close"), use_cases.close_request, "request_ref", _("Nothing more will come of it.")),
        Deed("expire", _("Let it lapse"), use_cases.expire_request, "request_ref", _("Its days have gone by.")),
    )


class ChangeInline(ReadOnlyInline):
    model = models.LineQuantityChange
    verbose_name_plural = _("Changes of quantity")
    fields = ("at", "by", "from_quantity", "to_quantity", "from_tolerance", "to_tolerance", "why")
    readonly_fields = fields
    ordering = ("id",)
    show_change_link = False


class FreightInline(ReadOnlyInline):
    model = models.FreightNote
    fields = ("shipment", "status", "currency", "stated_minor", "share_minor", "carrier", "basis")
    readonly_fields = fields
    show_change_link = False


@admin.register(models.RequestLine)
class RequestLineAdmin(ReadOnlyAdmin):
    """Lines with the history of their quantities and their freight."""

    list_display = ("request", "position", "line_state", "product", "quantity", "unit", "needed_from", "region")
    list_filter = ("line_state", "currency")
    list_select_related = ("request", "product")
    search_fields = ("request__ref", "external_key")
    ordering = ("-id",)
    inlines = (ChangeInline, FreightInline)


@admin.register(models.ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    """Files imported, with what came of them and the errors of rows left out."""

    list_display = (
        "ref", "organisation", "file_name", "mapping_name", "rows", "lines", "skipped", "errors", "take_good",
        "imported_by", "imported_at",
    )  # fmt: skip
    list_filter = ("mapping_name", "take_good")
    list_select_related = ("organisation",)
    search_fields = ("ref", "file_name", "file_sha256")
    ordering = ("-id",)
    readonly_fields = ("first_errors",)

    @admin.display(description=_("First errors"))
    def first_errors(self, batch: models.ImportBatch) -> str:
        columns = ("file", "sheet", "row", "column", "value", "reason")
        shown = batch.report.get("shown", [])
        if not shown:
            return "-"
        head = format_html_join("", "<th>{}</th>", ((name,) for name in columns))
        rows = ((format_html_join("", "<td>{}</td>", ((error.get(name, ""),) for name in columns)),) for error in shown)
        return format_html("<table><tr>{}</tr>{}</table>", head, format_html_join("", "<tr>{}</tr>", rows))


@admin.register(models.MatchSuggestion)
class MatchSuggestionAdmin(StatefulAdmin):
    """Products suggested for lines in words: what waits can be confirmed or rejected on a buyer's behalf."""

    list_display = (
        "ref",
        "state",
        "line_text",
        "product",
        "confidence",
        "rank",
        "origin",
        "suggested_at",
        "decided_by",
    )
    list_filter = ("state", "origin")
    list_select_related = ("line__request", "product")
    search_fields = ("ref", "line__text", "line__request__ref", "product__code")
    ordering = ("-id",)
    deeds = (
        Deed(
            "confirm",
            _("Confirm"),
            use_cases.confirm_match,
            "suggestion_ref",
            _("The line is named, and the buyer's words are remembered."),
        ),
        Deed("reject", _("Reject"), use_cases.reject_match, "suggestion_ref", _("It is not suggested again.")),
    )

    @admin.display(description=_("Words"))
    def line_text(self, suggestion: models.MatchSuggestion) -> str:
        return suggestion.line.text


@admin.register(models.BuyerTerm)
class BuyerTermAdmin(ReadOnlyAdmin):
    """What buyers mean by their words, and what they meant before."""

    list_display = ("text", "buyer", "product", "unit", "confirmed_by", "confirmed_at", "superseded_at")
    list_select_related = ("buyer", "product")
    search_fields = ("text", "product__code")
    ordering = ("-id",)


@admin.register(models.ColumnMapping)
class ColumnMappingAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "name", "saved_by", "saved_at")
    list_select_related = ("organisation",)
    search_fields = ("name",)
