"""What a financier fills in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from finance.credit.states import DRAWDOWN
from marketplace.foundation.forms import PageForm, SiftForm, states_of


class DrawdownSift(SiftForm):
    """Which drawdowns to show."""

    state = forms.ChoiceField(label=gettext_lazy("State"), choices=states_of(DRAWDOWN), required=False)
    matures_before = forms.DateField(
        label=gettext_lazy("Matures before"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def narrow(self, rows: Any) -> Any:
        """Keep the drawdowns that are asked for; what does not fit narrows nothing."""
        if state := self.wanted("state"):
            rows = rows.filter(state=state)
        if before := self.wanted("matures_before"):
            rows = rows.filter(matures_on__lt=before)
        return rows


class DecisionForm(PageForm):
    """Why a claim is taken over or turned down."""

    why = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)
