"""What a supplier fills in to bid. Its figures live in this form and in the sealed envelope, nowhere between."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from marketplace.foundation.forms import PageForm
from procurement.tenders.rules.bid_terms import MOST_DAYS, BidTerms
from procurement.tenders.rules.offers import MOST_TIERS, PRICE_PLACES, QUANTITY_PLACES

TIERS = 4  # price rows a lot to begin with; the page adds more
PACKAGES = 20  # packages the page takes; a longer offer goes in as a workbook or over the API
QUANTITY: dict[str, Any] = {"max_digits": 18, "decimal_places": QUANTITY_PLACES, "required": False}
PRICE: dict[str, Any] = {"max_digits": 16, "decimal_places": PRICE_PLACES, "min_value": 0, "required": False}
_PACKAGE = re.compile(r"package-(\d{1,2})-name")


class BidForm(PageForm):
    """An offer for a tender: price steps, freight and lead days for each lot bid for, packages, what it answers."""

    capacity = forms.DecimalField(
        label=gettext_lazy("Most units over all lots"),
        min_value=Decimal("0.000001"),
        help_text=gettext_lazy("Empty: no limit."),
        **QUANTITY,
    )

    def __init__(self, data: Any = None, *, lots: Any, currency: str, published: BidTerms, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.lots, self.currency, self.published = list(lots), currency, published
        self._add_terms()
        self.tiers = {lot.ref: _rows_sent(data, lot.ref) for lot in self.lots}
        for lot in self.lots:
            self._add(lot)
        self.packages = _packages_sent(data) if published.packages else 0
        for n in range(self.packages):
            self._add_package(n)

    def _add_terms(self) -> None:
        """Add what holds for the whole bid: currency, validity, one answer to each criterion."""
        published = self.published
        if published.rates:
            coins = [(self.currency, self.currency)]
            coins += [(coin, f"{coin} = {rate} {self.currency}") for coin, rate in sorted(published.rates.items())]
            self.fields["currency"] = forms.ChoiceField(
                label=gettext("Currency"), choices=coins, required=False, help_text=gettext("At the published rate.")
            )
        self.fields["valid_days"] = forms.IntegerField(
            label=gettext("Binds so many days from closing"),
            min_value=published.valid_days,
            max_value=MOST_DAYS,
            required=False,
            help_text=gettext("Empty: without end."),
        )
        for one in published.scoring.criteria if published.scoring else ():
            options = [("", ""), *((option.code, f"{option.title} ({option.value})") for option in one.options)]
            self.fields[f"chosen-{one.code}"] = forms.ChoiceField(label=one.title, choices=options)

    def _add(self, lot: Any) -> None:
        for n in range(self.tiers[lot.ref]):
            self.fields[f"{lot.ref}-from-{n}"] = forms.DecimalField(label=gettext("From"), min_value=0, **QUANTITY)
            self.fields[f"{lot.ref}-price-{n}"] = forms.DecimalField(label=gettext("Unit price"), **PRICE)
        self.fields[f"{lot.ref}-most"] = forms.DecimalField(label=gettext("At most"), min_value=0, **QUANTITY)
        for part in lot.wanted:
            label = gettext("Freight a unit to %(region)s") % {"region": part.region or gettext("all regions")}
            self.fields[f"{lot.ref}-freight-{part.pk}"] = forms.DecimalField(label=label, **PRICE)
        self.fields[f"{lot.ref}-days"] = forms.IntegerField(
            label=gettext("Lead time in days"), min_value=0, max_value=3650, required=False
        )
        if self._counts("carbon_price"):
            self.fields[f"{lot.ref}-co2"] = forms.DecimalField(
                label=gettext("CO2 in kg a unit"), min_value=0, **QUANTITY
            )
        if self._counts("life_cycle"):
            self.fields[f"{lot.ref}-life"] = forms.DecimalField(label=gettext("Life-cycle cost a unit"), **PRICE)

    def _counts(self, what: str) -> bool:
        return bool(self.published.scoring and getattr(self.published.scoring, what))

    def _add_package(self, n: int) -> None:
        self.fields[f"package-{n}-name"] = forms.CharField(label=gettext("Package"), max_length=40, required=False)
        self.fields[f"package-{n}-price"] = forms.DecimalField(label=gettext("Price of the whole"), **PRICE)
        for lot in self.lots:
            label = f"{lot.position}. {lot.description}"
            self.fields[f"package-{n}-{lot.ref}"] = forms.DecimalField(label=label, min_value=0, **QUANTITY)

    # how the page draws it

    def terms(self) -> Iterator[Any]:
        """Yield the fields that hold for the whole bid."""
        for name in self.fields:
            if name in {"capacity", "currency", "valid_days"} or name.startswith("chosen-"):
                yield self[name]

    def blocks(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yield each lot with its fields: the tiers' pairs, then the others."""
        for lot in self.lots:
            count = range(self.tiers[lot.ref])
            tiers = [(self[f"{lot.ref}-from-{n}"], self[f"{lot.ref}-price-{n}"]) for n in count]
            beside = [f"{lot.ref}-{key}" for key in ("days", "co2", "life")]
            freight = [self[f"{lot.ref}-freight-{part.pk}"] for part in lot.wanted]
            more = [self[f"{lot.ref}-most"], *freight, *(self[name] for name in beside if name in self.fields)]
            yield lot, {"tiers": tiers, "more": more}

    def bundles(self) -> Iterator[list[Any]]:
        """Yield each package's fields: its name, its price, a quantity of every lot."""
        for n in range(self.packages):
            names = [f"package-{n}-name", f"package-{n}-price", *(f"package-{n}-{lot.ref}" for lot in self.lots)]
            yield [self[name] for name in names]

    def scoring(self) -> str:
        """Return what the page needs to tell a bidder what its price counts as: shown there, reckoned nowhere else."""
        said = self.published.scoring
        if said is None:
            return ""
        values = {one.code: {o.code: float(o.value) for o in one.options} for one in said.criteria}
        numbers = ("sum_of_maxima", "price_weight", "quality_weight", "carbon_price")
        figures = {key: float(getattr(said, key)) for key in numbers}
        return json.dumps({"method": said.method, "criteria": values, "life_cycle": said.life_cycle, **figures})

    # what was filled in

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for lot in self.lots:
            self._check(lot, given)
        if not self.errors and not any(self._rows(lot, given) for lot in self.lots) and not self._bundled():
            raise forms.ValidationError(gettext("Give a price for one lot at least."))
        return given

    def _check(self, lot: Any, given: dict[str, Any]) -> None:
        """Say which price row lacks its half, or does not follow the row above it."""
        last: Decimal | None = None
        for n in range(self.tiers[lot.ref]):
            start, price = given.get(f"{lot.ref}-from-{n}"), given.get(f"{lot.ref}-price-{n}")
            if start is not None and price is None:
                self.add_error(f"{lot.ref}-price-{n}", gettext("What does a unit cost from here?"))
            if price is not None and start is None and n:
                self.add_error(f"{lot.ref}-from-{n}", gettext("From which quantity?"))
            if start is not None and last is not None and start <= last:
                self.add_error(f"{lot.ref}-from-{n}", gettext("More than the row above."))
            last = start if start is not None else last

    def _rows(self, lot: Any, given: dict[str, Any]) -> list[tuple[Decimal, Decimal]]:
        """Return the price rows that are filled in; the first may begin wherever it likes."""
        count = range(self.tiers[lot.ref])
        rows = [(given.get(f"{lot.ref}-from-{n}"), given.get(f"{lot.ref}-price-{n}")) for n in count]
        return [(start if start is not None else lot.step, price) for start, price in rows if price is not None]

    def offer(self) -> dict[str, Any]:
        """Return the offer as the document that is sealed; each price row ends one step before the next begins."""
        given = self.cleaned_data
        lots = [self._lot(lot, rows) for lot in self.lots if (rows := self._rows(lot, given))]
        capacity = given["capacity"]
        said = {
            "currency": given.get("currency") or None,
            "valid_days": given.get("valid_days"),
            "capacity": None if capacity is None else _text(capacity),
            "chosen": {name.removeprefix("chosen-"): given[name] for name in given if name.startswith("chosen-")},
            "packages": self._bundled(),
        }
        return {"lots": lots, **{key: value for key, value in said.items() if value}}

    def _lot(self, lot: Any, rows: list[tuple[Decimal, Decimal]]) -> dict[str, Any]:
        most = self.cleaned_data[f"{lot.ref}-most"]
        ends = [*(_before(start, lot.step) for start, _price in rows[1:]), most]
        days = self.cleaned_data[f"{lot.ref}-days"]
        return {
            "lot": lot.ref,
            "tiers": [
                {"from": _text(start), "to": None if end is None else _text(end), "price": _text(price)}
                for (start, price), end in zip(rows, ends, strict=True)
            ],
            **self._carried(lot),
            **({} if days is None else {"lead_days": days}),
        }

    def _carried(self, lot: Any) -> dict[str, Any]:
        """Return what goes with a unit of the lot, alone or in a package: freight, carbon, life cycle."""
        given = self.cleaned_data
        freight = {part.region: _text(given[f"{lot.ref}-freight-{part.pk}"] or Decimal(0)) for part in lot.wanted}
        beside = {"co2": given.get(f"{lot.ref}-co2"), "life_cycle": given.get(f"{lot.ref}-life")}
        return {"freight": freight, **{key: _text(value) for key, value in beside.items() if value is not None}}

    def _bundled(self) -> list[dict[str, Any]]:
        """Return the packages that are named or priced; what they lack is told when they are read."""
        given, found = self.cleaned_data, []
        for n in range(self.packages):
            name, price = given.get(f"package-{n}-name"), given.get(f"package-{n}-price")
            held = [(lot, given.get(f"package-{n}-{lot.ref}")) for lot in self.lots]
            lots = [{"lot": lot.ref, "quantity": _text(q), **self._carried(lot)} for lot, q in held if q]
            if name or price is not None or lots:
                found.append({"name": name, "price": None if price is None else _text(price), "lots": lots})
        return found


def _rows_sent(data: Mapping[str, Any] | None, lot_ref: str) -> int:
    """Return how many price rows of a lot the form has: as many as were sent, within bounds."""
    sent = [name.removeprefix(f"{lot_ref}-price-") for name in data or () if name.startswith(f"{lot_ref}-price-")]
    places = [int(place) for place in sent if place.isascii() and place.isdigit() and len(place) < 3]
    return max(TIERS, min(MOST_TIERS, max(places, default=0) + 1))


def _packages_sent(data: Mapping[str, Any] | None) -> int:
    places = [int(found[1]) for name in data or () if (found := _PACKAGE.fullmatch(name))]
    return max(1, min(PACKAGES, max(places, default=0) + 1))


def _before(start: Decimal, step: Decimal) -> Decimal:
    """Return the last whole number of steps before `start`."""
    whole, begun = divmod(start, step)
    return (whole if begun else whole - 1) * step


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"
