"""Credit as staff see it; approving is the financiers' own."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from finance.credit import models, use_cases
from marketplace.foundation.admin import Deed, ReadOnlyInline, StatefulAdmin
from marketplace.foundation.templatetags.reader import minor


@admin.register(models.Facility)
class FacilityAdmin(StatefulAdmin):
    """Facilities with what is used of them."""

    list_display = ("ref", "state", "financier", "limit", "used", "left", "rate_percent", "day_count", "tenor_days")
    list_filter = ("state", "currency", "product")
    search_fields = ("ref", "financier__legal_name")
    list_select_related = ("financier",)
    ordering = ("-id",)
    deeds = (
        Deed("suspend", _("Suspend"), use_cases.suspend_facility, "facility_ref"),
        Deed("resume", _("Resume"), use_cases.resume_facility, "facility_ref"),
        Deed("close", _("Close"), use_cases.close_facility, "facility_ref", _("It cannot be opened again.")),
    )

    @admin.display(description=_("Limit"))
    def limit(self, row: models.Facility) -> str:
        return minor(row.limit_minor, row.currency)

    @admin.display(description=_("Used"))
    def used(self, row: models.Facility) -> str:
        return minor(row.used_minor, row.currency)

    @admin.display(description=_("Left"))
    def left(self, row: models.Facility) -> str:
        return minor(row.limit_minor - row.used_minor, row.currency)


@admin.register(models.Receivable)
class ReceivableAdmin(StatefulAdmin):
    """Claims that may be financed."""

    list_display = ("ref", "state", "source_ref", "creditor", "face", "due_on")
    list_filter = ("state", "currency", "due_on")
    search_fields = ("ref", "source_ref", "creditor__legal_name")
    list_select_related = ("creditor",)
    ordering = ("-id",)
    exclude = ("identity",)

    @admin.display(description=_("Face"))
    def face(self, row: models.Receivable) -> str:
        return minor(row.face_minor, row.currency)


class Accruals(ReadOnlyInline):
    model = models.Accrual
    fields = ("day", "amount_minor", "cumulative_minor", "journal_ref")


@admin.register(models.Drawdown)
class DrawdownAdmin(StatefulAdmin):
    """Drawdowns with what each night has earned."""

    list_display = ("ref", "state", "facility", "claim", "face", "discount", "earned", "funded_on", "matures_on")
    list_filter = ("state", "currency", "matures_on")
    search_fields = ("ref", "facility__ref", "receivable__source_ref")
    list_select_related = ("facility", "receivable")
    ordering = ("-id",)
    inlines = (Accruals,)

    @admin.display(description=_("Claim"))
    def claim(self, row: models.Drawdown) -> str:
        return row.receivable.source_ref

    @admin.display(description=_("Face"))
    def face(self, row: models.Drawdown) -> str:
        return minor(row.face_minor, row.currency)

    @admin.display(description=_("Discount"))
    def discount(self, row: models.Drawdown) -> str:
        return minor(row.discount_minor, row.currency)

    @admin.display(description=_("Earned"))
    def earned(self, row: models.Drawdown) -> str:
        return minor(row.accrued_minor, row.currency)
