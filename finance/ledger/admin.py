"""The books as staff see them: nothing is posted or changed here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from finance.ledger import models, use_cases
from marketplace.foundation.admin import Deed, ReadOnlyAdmin, ReadOnlyInline, StatefulAdmin
from marketplace.kernel.money import Money


def _amount(minor: int, currency: str) -> str:
    return f"{Money.from_minor(minor, currency).amount:,}"


class EntryInline(ReadOnlyInline):
    model = models.Entry
    fields = ("position", "account", "debit", "credit")
    readonly_fields = ("debit", "credit")
    ordering = ("position",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Entry]:
        rows: QuerySet[models.Entry] = super().get_queryset(request)
        return rows.select_related("account")

    @admin.display(description=_("Debit"))
    def debit(self, entry: models.Entry) -> str:
        return _amount(entry.amount, entry.account.currency) if entry.side == "debit" else ""

    @admin.display(description=_("Credit"))
    def credit(self, entry: models.Entry) -> str:
        return _amount(entry.amount, entry.account.currency) if entry.side == "credit" else ""


@admin.register(models.Journal)
class JournalAdmin(ReadOnlyAdmin):
    """Journals with their entries; a mistake is undone by a reversal."""

    list_display = ("ref", "booked_on", "book", "source_ref", "memo", "lines", "reverses", "recorded_by")
    list_filter = ("book", "booked_on")
    search_fields = ("ref", "source_ref", "key", "memo")
    list_select_related = ("reverses",)
    inlines = (EntryInline,)
    ordering = ("-id",)


@admin.register(models.Account)
class AccountAdmin(ReadOnlyAdmin):
    """Accounts with what is posted on them and what is left after holds."""

    list_display = ("id", "book", "kind", "owner", "currency", "balance", "available", "floored", "version")
    list_filter = ("book", "kind", "currency")
    search_fields = ("owner", "kind")
    readonly_fields = ("balance", "available")
    ordering = ("book", "kind", "owner", "currency")

    @admin.display(description=_("Balance"))
    def balance(self, row: models.Account) -> str:
        return _amount(row.posted_minor, row.currency)

    @admin.display(description=_("Available"))
    def available(self, row: models.Account) -> str:
        return _amount(row.available_minor, row.currency)


def void(*, hold_ref: str, **rest: Any) -> None:
    """Void the hold of that ref."""
    use_cases.void_hold(key=models.Hold.objects.values_list("key", flat=True).get(ref=hold_ref), **rest)


@admin.register(models.Hold)
class HoldAdmin(StatefulAdmin):
    """Money set aside; staff may let it go."""

    list_display = ("ref", "state", "held", "debit_account", "credit_account", "source_ref", "expires_at")
    list_filter = ("state",)
    search_fields = ("ref", "key", "source_ref")
    list_select_related = ("debit_account", "credit_account")
    ordering = ("-id",)
    deeds = (Deed("void", _("Let go"), void, "hold_ref", _("The money held is free again.")),)

    @admin.display(description=_("Held"))
    def held(self, row: models.Hold) -> str:
        return _amount(row.amount, row.debit_account.currency)


@admin.register(models.Period)
class PeriodAdmin(ReadOnlyAdmin):
    """Months of books, and who closed them."""

    list_display = ("book", "month", "closed_at", "closed_by")
    list_filter = ("book",)
    ordering = ("-month", "book")
