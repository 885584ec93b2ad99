"""What a buyer fills in about its requests and its spreadsheets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.engines.units import UnknownUnit, parse_unit
from marketplace.foundation.forms import PageForm, SiftForm, states_of
from marketplace.foundation.wording import word
from marketplace.kernel.periods import KNOWN
from marketplace.kernel.refusals import BadValue
from procurement.demand.states import REQUEST
from procurement.demand.use_cases import NewLine
from procurement.engines.wants import Level, read_curve

MOST_LINES = 60
LARGEST_UPLOAD = 20 * 2**20
EXACT: dict[str, Any] = {"max_digits": 19, "decimal_places": 6}
DAY = forms.DateInput(attrs={"type": "date"})


class RequestSift(SiftForm):
    """Which of our requests to show."""

    state = forms.ChoiceField(label=_("State"), choices=states_of(REQUEST), required=False)
    q = forms.CharField(label=_("Name or note"), max_length=80, required=False)

    def narrow(self, rows: Any) -> Any:
        """Keep the requests that are asked for."""
        if state := self.wanted("state"):
            rows = rows.filter(state=state)
        if text := self.wanted("q"):
            named = Q(ref__icontains=text) | Q(external_ref__icontains=text) | Q(note__icontains=text)
            rows = rows.filter(named)
        return rows


class RequestForm(PageForm):
    """What a request says of all its lines."""

    site = forms.ChoiceField(label=_("Deliver to"), required=False)
    currency = forms.RegexField(
        "^[A-Za-z]{3}$", label=_("Currency"), initial="CNY", help_text=_("Three letters, ISO 4217")
    )
    external_ref = forms.CharField(label=_("Our own number"), max_length=120, required=False)
    note = forms.CharField(label=_("Note"), max_length=2000, required=False)

    def __init__(self, *args: Any, sites: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = [("", _("our region")), *sites]  # type: ignore[attr-defined]
        if not sites:
            del self.fields["site"]

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


NOT_BEYOND = MaxValueValidator(KNOWN.last_day)


class LineForm(PageForm):
    """One want."""

    wanted = forms.CharField(
        label=_("Product code, or what you want in words"),
        max_length=300,
        widget=forms.TextInput(attrs={"list": "products", "autocomplete": "off"}),
    )
    quantity = forms.DecimalField(label=_("Quantity"), min_value=Decimal("0.000001"), required=False, **EXACT)
    unit = forms.CharField(label=_("Unit"), max_length=40, required=False)
    tolerance = forms.DecimalField(label=_("May be more by"), min_value=0, required=False, **EXACT)
    needed_from = forms.DateField(label=_("Needed from"), widget=DAY, validators=[NOT_BEYOND])
    last_day = forms.DateField(label=_("Last day"), required=False, widget=DAY, validators=[NOT_BEYOND])
    ceiling = forms.DecimalField(
        label=_("Most a unit may cost"), min_value=Decimal("0.000001"), required=False, **EXACT
    )

    curve = forms.CharField(
        label=_("or how much at each price"),
        max_length=600,
        required=False,
        help_text=_("price:quantity, dearest first, for example 10.00:100; 9.00:150"),
    )
    substitutes_allowed = forms.BooleanField(label=_("An agreed substitute will do"), required=False)

    def clean_curve(self) -> tuple[Level, ...]:
        try:
            return read_curve(str(self.cleaned_data["curve"]))
        except BadValue as refusal:
            raise forms.ValidationError(gettext(str(refusal.facts["reason"]))) from None

    def clean_unit(self) -> str:
        text = str(self.cleaned_data["unit"])
        if text:
            try:
                parse_unit(text)
            except UnknownUnit as refusal:
                raise forms.ValidationError(word(refusal)) from None
        return text

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if given.get("quantity") is None and not given.get("curve") and not self.errors.keys() & {"quantity", "curve"}:
            self.add_error("quantity", gettext("Give a quantity, or how much you want at each price."))
        first, last = given.get("needed_from"), given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", gettext("This is before the first day."))
        return given

    def line(self) -> NewLine:
        """Return the want; without a last day it is needed on its first day alone."""
        given = self.cleaned_data
        last: date = given["last_day"] or given["needed_from"]
        return NewLine(
            wanted=given["wanted"].strip(),
            quantity=given["quantity"],
            needed_from=given["needed_from"],
            needed_to=last + timedelta(days=1),
            unit=given["unit"],
            tolerance=given["tolerance"] or Decimal(0),
            ceiling=given["ceiling"],
            curve=given["curve"],
            substitutes_allowed=given["substitutes_allowed"],
        )


class Lines(forms.BaseFormSet):  # type: ignore[type-arg]
    """The lines of a new request; rows left empty do not count, one at least is filled in."""

    default_error_messages = {"too_few_forms": _("Fill in one line at least.")}

    def lines(self) -> list[NewLine]:
        """Return the wants that were filled in."""
        return [form.line() for form in self.forms if form.has_changed()]


LineSet = forms.formset_factory(
    LineForm, formset=Lines, extra=3, min_num=1, validate_min=True, max_num=MOST_LINES, validate_max=True
)


class WhyForm(PageForm):
    """A reason, if one is given."""

    why = forms.CharField(max_length=500, required=False)


class QuantityForm(PageForm):
    """How much a line asks for from now on."""

    quantity = forms.DecimalField(label=_("Quantity"), min_value=Decimal("0.000001"), **EXACT)
    tolerance = forms.DecimalField(label=_("May be more by"), min_value=0, required=False, **EXACT)
    why = forms.CharField(label=_("Why"), max_length=300, required=False)


class UploadForm(PageForm):
    """A spreadsheet, and how it is read."""

    file = forms.FileField(label=_("Spreadsheet"), help_text=_("CSV or XLSX, at most 20 MB"), max_length=200)
    mapping = forms.ChoiceField(label=_("Read by the mapping"))

    def __init__(self, *args: Any, mappings: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mapping"].choices = mappings  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_UPLOAD:
            raise forms.ValidationError(gettext("This file is larger than 20 MB."))
        return file


DATES = [
    ("iso", _("2026-07-31")),
    ("YYYY年M月D日", _("2026年7月31日")),
    ("D.M.YYYY", _("31.7.2026")),
    ("D/M/YYYY", _("31/7/2026")),
    ("M/D/YYYY", _("7/31/2026")),
]


class MappingForm(PageForm):
    """Which heading of a spreadsheet stands for which field."""

    name = forms.RegexField(
        "^[a-z0-9][a-z0-9_-]{0,59}$",
        label=_("Name"),
        help_text=_("Small letters, digits, - and _; for example our-erp"),
    )
    product = forms.CharField(label=_("Heading of the product code"), max_length=200)
    quantity = forms.CharField(label=_("Heading of the quantity"), max_length=200)
    needed_from = forms.CharField(label=_("Heading of the day it is needed from"), max_length=200)
    dates = forms.ChoiceField(label=_("Days are written"), choices=DATES)
    days = forms.IntegerField(label=_("Needed within so many days"), min_value=1, max_value=366, initial=14)
    decimal = forms.ChoiceField(label=_("Numbers are written"), choices=[(".", "1,234.56"), (",", "1.234,56")])
    unit = forms.CharField(label=_("Heading of the unit"), max_length=200, required=False)
    all_units = forms.CharField(
        label=_("or the unit of every row"), max_length=40, required=False, help_text=_("for example pcs, kg, 个")
    )
    tolerance = forms.CharField(label=_("Heading of the tolerance"), max_length=200, required=False)
    ceiling = forms.CharField(label=_("Heading of the most a unit may cost"), max_length=200, required=False)
    curve = forms.CharField(
        label=_("Heading of how much at each price"),
        max_length=200,
        required=False,
        help_text=_("cells such as 10.00:100; 9.00:150"),
    )
    request = forms.CharField(label=_("Heading of our request number"), max_length=200, required=False)
    line = forms.CharField(
        label=_("Heading of the row's own number"),
        max_length=200,
        required=False,
        help_text=_("If rows have a number of their own, none can come twice."),
    )
    currency = forms.RegexField("^[A-Z]{3}$", label=_("Currency"), initial="CNY")

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if bool(given.get("unit")) == bool(given.get("all_units")):
            self.add_error("unit", gettext("Give either the heading of the unit, or the unit of every row."))
        return given

    def as_toml(self) -> str:
        """Return the mapping as the reader of tables takes it."""
        given = self.cleaned_data
        unit = f"unit = {_quoted(given['all_units'])}" if given["all_units"] else ""
        thousands = "," if given["decimal"] == "." else "."
        parts = [
            'kind = "demand"',
            'key = ["line"]' if given["line"] else "",
            f'[constants]\nbuyer = ""\ncurrency = {_quoted(given["currency"])}\n{unit}',
            f"[numbers]\ndecimal = {_quoted(given['decimal'])}\nthousands = {_quoted(thousands)}",
        ]
        number, day = 'type = "number"\nnormal = "NFKC"', 'type = "date"\nnormal = "NFKC"'
        formats = f"{day}\nformats = {self._formats()}"
        for field, column, rules in (
            ("product", "product", "required = true"),
            ("quantity", "quantity", f"{number}\nrequired = true"),
            ("needed_from", "needed_from", f"{formats}\nrequired = true"),
            ("needed_to", "needed_from", f"{formats}\nplus_days = {given['days']}"),
            ("unit", "unit", 'required = true\nnormal = "NFKC"'),
            ("tolerance", "tolerance", f"{number}\nmin = 0"),
            ("ceiling", "ceiling", f'{number}\nsigns = ["¥", "￥", "CNY"]'),
            ("curve", "curve", ""),
            ("request", "request", ""),
            ("line", "line", "required = true"),
        ):
            if given[column]:
                parts.append(f"[fields.{field}]\ncolumn = {_quoted(given[column])}\n{rules}")
        return "\n".join(part for part in parts if part) + "\n"

    def _formats(self) -> str:
        chosen = dict.fromkeys([self.cleaned_data["dates"], "iso", "excel"])
        return "[" + ", ".join(_quoted(name) for name in chosen) + "]"


def _quoted(text: str) -> str:
    """Return a text as TOML writes it, which for every text that a form lets through is how JSON does."""
    return json.dumps(text, ensure_ascii=False)
