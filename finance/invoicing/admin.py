"""Invoices as staff see them; they decide on what suppliers claim."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from finance.invoicing import models, use_cases
from marketplace.foundation.admin import Deed, ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin
from marketplace.foundation.templatetags.reader import minor


class Sums:
    """Amounts as a person reads them."""

    @admin.display(description=_("Net"))
    def net(self, row: Any) -> str:
        return minor(row.net_minor, row.currency)

    @admin.display(description=_("Tax"))
    def tax(self, row: Any) -> str:
        return minor(row.tax_minor, row.currency)

    @admin.display(description=_("Total"))
    def total(self, row: Any) -> str:
        return minor(row.total_minor, row.currency)


class SupplierInvoiceLines(ReadOnlyInline):
    model = models.SupplierInvoiceLine
    fields = ("position", "line_ref", "description", "quantity", "unit_price", "net_minor", "tax_rate_percent")


@admin.register(models.SupplierInvoice)
class SupplierInvoiceAdmin(Sums, StatefulAdmin):
    """Suppliers' invoices; those that do not match are the queue."""

    list_display = ("ref", "state", "supplier", "number", "total", "variance", "issued_on", "due_on", "source_ref")
    list_filter = ("state", "currency", "due_on")
    search_fields = ("ref", "number", "source_ref", "supplier__legal_name")
    list_select_related = ("supplier",)
    ordering = ("-id",)
    exclude = ("match",)
    readonly_fields = ("steps", "reasons")
    inlines = (SupplierInvoiceLines,)
    deeds = (
        Deed(
            "approve",
            _("Approve"),
            use_cases.approve_supplier_invoice,
            "invoice_ref",
            _("Undertakes, irrevocably, to pay it when due; it may be financed from now on."),
        ),
        Deed(
            "release",
            _("Release"),
            use_cases.release_supplier_invoice,
            "invoice_ref",
            _("Books it as claimed, although the price strays."),
        ),
        Deed("match", _("Match anew"), use_cases.rematch_supplier_invoice, "invoice_ref"),
        Deed(
            "reject",
            _("Reject"),
            use_cases.reject_supplier_invoice,
            "invoice_ref",
            _("The supplier has to send another."),
        ),
    )

    @admin.display(description=_("Variance"))
    def variance(self, row: models.SupplierInvoice) -> str:
        return minor(row.variance_minor, row.currency) if row.variance_minor else ""

    @admin.display(description=_("What stands against it"))
    def reasons(self, row: models.SupplierInvoice) -> str:
        found = row.match.get("reasons", [])
        lines = ((r["code"], r["line"], ", ".join(f"{k}: {v}" for k, v in r["facts"].items())) for r in found)
        return format_html_join("", "<div><b>{}</b> {} {}</div>", lines)


class InvoiceLines(ReadOnlyInline):
    model = models.OutputInvoiceLine
    fields = ("position", "kind", "description", "quantity", "unit", "net_minor", "tax_rate_percent", "tax_minor")


@admin.register(models.OutputInvoice)
class OutputInvoiceAdmin(Sums, StatefulAdmin):
    """Our invoices to buyers."""

    list_display = ("ref", "printed_number", "state", "buyer", "net", "tax", "total", "left", "issued_on", "due_on")
    list_filter = ("state", "currency", "due_on")
    search_fields = ("ref", "source_ref", "buyer__legal_name")
    list_select_related = ("buyer",)
    ordering = ("-id",)
    exclude = ("request_sha256",)
    inlines = (InvoiceLines,)

    @admin.display(description=_("Left to pay"))
    def left(self, row: models.OutputInvoice) -> str:
        return minor(row.open_minor, row.currency)


class GoodsReceivedLines(ReadOnlyInline):
    model = models.GoodsReceivedLine
    fields = ("line", "quantity", "value_minor")


@admin.register(models.GoodsReceived)
class GoodsReceivedAdmin(ReadOnlyAdmin):
    """What came in, before anybody invoiced it."""

    list_display = ("source_ref", "supplier", "received_on", "value", "journal_ref")
    list_filter = ("received_on", "currency")
    search_fields = ("source_ref", "key", "supplier__legal_name")
    list_select_related = ("supplier",)
    ordering = ("-id",)
    exclude = ("request_sha256",)
    inlines = (GoodsReceivedLines,)

    @admin.display(description=_("Worth"))
    def value(self, row: models.GoodsReceived) -> str:
        return minor(row.value_minor, row.currency)


@admin.register(models.AcceptedLine)
class AcceptedLineAdmin(ReadOnlyAdmin):
    """Order lines as far as they are fulfilled and billed."""

    list_display = ("line_ref", "supplier", "description", "accepted", "billed", "unit", "unit_price", "currency")
    search_fields = ("line_ref", "source_ref", "supplier__legal_name")
    list_select_related = ("supplier",)
    ordering = ("-id",)


@admin.register(models.NumberSeries)
class NumberSeriesAdmin(ReadOnlyAdmin):
    """The last invoice number of each series."""

    list_display = ("series", "issuer", "last")
    list_select_related = ("issuer",)
