"""Money under way as staff see it; they may ask the bank, and send what waits."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from finance.treasury import models, use_cases
from marketplace.foundation.admin import Deed, ReadOnlyAdmin, StatefulAdmin


@admin.register(models.PaymentOrder)
class PaymentOrderAdmin(StatefulAdmin):
    """Payment orders with their history."""

    list_display = ("ref", "state", "direction", "counterparty", "sum", "purpose", "problem", "source_ref", "sent_at")
    list_filter = ("state", "direction", "problem")
    search_fields = ("ref", "key", "source_ref", "bank_reference", "counterparty__legal_name")
    list_select_related = ("counterparty",)
    ordering = ("-id",)
    exclude = ("number", "request_sha256")
    readonly_fields = ("steps", "paid_to")
    deeds = (
        Deed(
            "send",
            _("Send"),
            use_cases.send_payment,
            "payment_ref",
            _("The bank is asked to pay; it cannot be called back."),
            asks_why=False,
        ),
        Deed("settle", _("Ask the bank"), use_cases.confirm_payment, "payment_ref", asks_why=False),
    )

    @admin.display(description=_("Paid to"))
    def paid_to(self, row: models.PaymentOrder) -> str:
        return f"{row.holder} {row.bank_code} …{row.number[-4:]}" if row.number else ""

    @admin.display(description=_("Amount"))
    def sum(self, row: models.PaymentOrder) -> str:
        return f"{row.amount.amount:,} {row.currency}"


@admin.register(models.BankStatementLine)
class BankStatementLineAdmin(ReadOnlyAdmin):
    """What the bank has booked."""

    list_display = ("bank_reference", "booked_on", "direction", "sum", "counterparty", "purpose", "journal_ref")
    list_filter = ("direction", "booked_on")
    search_fields = ("bank_reference", "journal_ref", "counterparty__legal_name")
    list_select_related = ("counterparty",)
    ordering = ("-id",)

    @admin.display(description=_("Amount"))
    def sum(self, row: models.BankStatementLine) -> str:
        return f"{row.amount.amount:,} {row.currency}"


@admin.register(models.OwnAccount)
class OwnAccountAdmin(ReadOnlyAdmin):
    """Our accounts at the bank."""

    list_display = ("book", "number", "opened_at")
