"""How lists of tenders are narrowed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from marketplace.foundation.forms import SiftForm


class TenderSift(SiftForm):
    """Which tenders to show."""

    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        choices=[("", gettext_lazy("open for bids")), ("all", gettext_lazy("all we may look at"))],
        required=False,
    )
