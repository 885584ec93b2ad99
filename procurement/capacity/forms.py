"""What a factory fills in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy

from marketplace.foundation.forms import SiftForm, states_of
from procurement.capacity.states import WORK


class WorkSift(SiftForm):
    """Which work orders to show."""

    state = forms.ChoiceField(label=gettext_lazy("State"), choices=states_of(WORK), required=False)
    q = forms.CharField(label=gettext_lazy("Product"), max_length=80, required=False)

    def narrow(self, rows: Any) -> Any:
        """Keep the work orders that are asked for; what does not fit narrows nothing."""
        if state := self.wanted("state"):
            rows = rows.filter(state=state)
        if text := self.wanted("q"):
            code, en = Q(order_line__product__code__icontains=text), Q(order_line__product__name_en__icontains=text)
            rows = rows.filter(code | en | Q(order_line__product__name_zh__icontains=text))
        return rows


def since_of(given: Mapping[str, Any]) -> date | None:
    """Return the day that `?since=` names, None where it names none of the market's time."""
    try:
        day = date.fromisoformat(str(given.get("since", "")))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
