"""Forms of frameworks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.foundation.forms import PageForm
from marketplace.kernel.money import Money
from procurement.contracts.rules import PriceStep

NUMBER: dict[str, Any] = {"min_value": 0, "max_digits": 19, "decimal_places": 6}
DAY = forms.DateInput(attrs={"type": "date"})


class FrameworkForm(PageForm):
    """What a framework says."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    supplier = forms.CharField(label=gettext_lazy("Supplier"), max_length=40, help_text="OR-2026-0001")
    product = forms.CharField(label=gettext_lazy("Product"), max_length=40, help_text="PD-2026-0001")
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, initial="CNY")
    steps = forms.CharField(
        label=gettext_lazy("Price steps"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One a line: from which quantity of a call-off, and the unit price, as in 100 11.50."),
    )
    unit_freight = forms.DecimalField(label=gettext_lazy("Freight per unit"), initial=0, **NUMBER)
    starts_on = forms.DateField(label=gettext_lazy("Called off from"), widget=DAY)
    ends_on = forms.DateField(label=gettext_lazy("Up to, and not on"), widget=DAY)
    lead_days = forms.IntegerField(
        label=gettext_lazy("Days to delivery"), min_value=0, max_value=1000, initial=30
    )  # fmt: skip
    ceiling = forms.DecimalField(label=gettext_lazy("Most, in units"), required=False, **NUMBER)
    ceiling_money = forms.DecimalField(
        label=gettext_lazy("Most, in money"), required=False, min_value=0, max_digits=17, decimal_places=2,
        help_text=gettext_lazy("Goods and freight before VAT. One of the two ceilings is needed."),
    )  # fmt: skip

    def clean_steps(self) -> list[PriceStep]:
        found = []
        for row in filter(None, (row.strip() for row in self.cleaned_data["steps"].splitlines())):
            try:
                start, price = (Decimal(part) for part in row.split())
            except (ArithmeticError, ValueError):
                raise forms.ValidationError(
                    _("%(row)s is no step: write a quantity and a price.") % {"row": row}
                ) from None
            found.append(PriceStep(start, price))
        return found

    def money(self) -> Money | None:
        """Return the ceiling in money."""
        amount = self.cleaned_data["ceiling_money"]
        return None if amount is None else Money(amount, self.cleaned_data["currency"])
