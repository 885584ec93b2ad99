"""What a buyer fills in about pools."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.foundation.forms import PageForm, SiftForm, states_of
from marketplace.kernel.periods import KNOWN
from procurement.pools.states import COMMITMENT

QUANTITY: dict[str, Any] = {"max_digits": 19, "decimal_places": 6, "max_value": Decimal(10**9)}
PRICE: dict[str, Any] = {"max_digits": 19, "decimal_places": 6, "max_value": Decimal(10**7)}


ORDERS = {
    "": (_("Closing soonest"), "freeze_at"),
    "fullest": (_("Most gathered"), "-joined"),
    "newest": (_("Newest"), "-pk"),
}


class PoolSift(SiftForm):
    """Which open pools to show."""

    where = forms.ChoiceField(label=_("Where"), choices=[("", _("Near us")), ("all", _("Everywhere"))], required=False)
    q = forms.CharField(label=_("Product"), max_length=80, required=False)
    region = forms.CharField(label=_("Region"), max_length=80, required=False)
    closes = forms.DateField(
        label=_("Closes by"),
        required=False,
        validators=[MaxValueValidator(KNOWN.last_day)],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    room = forms.ChoiceField(label=_("Room"), choices=[("", _("all")), ("yes", _("with room"))], required=False)
    sort = forms.ChoiceField(
        label=_("Sort by"), choices=[(key, words) for key, (words, _column) in ORDERS.items()], required=False
    )
    workbook = True

    @property
    def order(self) -> str:
        """The column that the list is read by."""
        return ORDERS[self.wanted("sort") or ""][1]

    def narrow(self, rows: Any) -> Any:
        """Keep the pools that are asked for."""
        if day := self.wanted("closes"):
            rows = rows.filter(freeze_at__lt=timezone.make_aware(datetime.combine(day + timedelta(days=1), time())))
        if self.wanted("room"):
            rows = rows.filter(Q(capacity__isnull=True) | Q(joined__lt=F("capacity")))
        if text := self.wanted("q"):
            named = Q(product__code__icontains=text) | Q(product__name_en__icontains=text)
            rows = rows.filter(named | Q(product__name_zh__icontains=text))
        if region := self.wanted("region"):
            rows = rows.filter(region__icontains=region)
        return rows


class CommitmentSift(SiftForm):
    """Which of our commitments to show."""

    state = forms.ChoiceField(label=_("State"), choices=states_of(COMMITMENT), required=False)
    q = forms.CharField(label=_("Product"), max_length=80, required=False)

    def narrow(self, rows: Any) -> Any:
        """Keep the commitments that are asked for."""
        if state := self.wanted("state"):
            rows = rows.filter(state=state)
        if text := self.wanted("q"):
            named = Q(pool__product__code__icontains=text) | Q(pool__product__name_en__icontains=text)
            rows = rows.filter(named | Q(pool__product__name_zh__icontains=text))
        return rows


class WorthForm(PageForm):
    """For which quantity one would like to know what joining is worth."""

    amount = forms.DecimalField(label=_("Our quantity"), min_value=Decimal("0.000001"), **QUANTITY)


class ArrivalForm(PageForm):
    """How much of the order would arrive."""

    percent = forms.DecimalField(
        label=_("If only so many per cent came"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )


class ChangeForm(PageForm):
    """How much of a pool we want from now on, in all."""

    quantity = forms.DecimalField(label=_("Quantity"), min_value=Decimal("0.000001"), **QUANTITY)
    tolerance = forms.DecimalField(label=_("Tolerance"), min_value=0, required=False, **QUANTITY)


class JoinForm(PageForm):
    """How much of a pool we want."""

    line = forms.TypedChoiceField(
        label=_("For"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("A line of an approved request of ours, or by hand."),
    )
    quantity = forms.DecimalField(label=_("Quantity"), min_value=Decimal("0.000001"), **QUANTITY)
    tolerance = forms.DecimalField(
        label=_("Tolerance"),
        min_value=0,
        required=False,
        help_text=_("How much more we would take to complete a pack."),
        **QUANTITY,
    )
    ceiling = forms.DecimalField(
        label=_("Most a unit may cost"),
        min_value=Decimal("0.000001"),
        required=False,
        help_text=_("Landed: goods, freight and fee, before VAT. Above it we are out, and free."),
        **PRICE,
    )

    def __init__(self, *args: Any, lines: Sequence[tuple[int, str]] = (), by_hand: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hand = [("", _("by hand"))] if by_hand else []
        self.fields["line"].choices = [*hand, *lines]  # type: ignore[attr-defined]
        self.fields["line"].required = not by_hand
        if not lines:
            del self.fields["line"]
