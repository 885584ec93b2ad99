"""One record of a foreign table as a want, or what keeps it from being one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from marketplace.engines import tables
from marketplace.engines.tables import FreightRow, Place, Record, RowError
from marketplace.engines.tables.results import error_at
from marketplace.engines.units import UnknownUnit, parse_unit
from marketplace.kernel.refusals import BadValue
from marketplace.kernel.regions import region_name
from procurement.demand import rules
from procurement.engines.wants import Level, read_curve

DEFAULT_CURRENCY, DEFAULT_UNIT, COUNTRY_UNKNOWN = "CNY", "C62", "ZZ"
YES, NO = frozenset({"yes", "y", "true", "1", "是"}), frozenset({"", "no", "n", "false", "0", "否"})
PRICED = "numeric"  # the status of freight that is stated as an amount
Fault = tuple[str, object, str]  # field, value, reason (empty: none)


class Want(NamedTuple):
    """A row that can become a line, once its buyer and product are known. `key` is the row's own key, may be empty."""

    place: Place
    buyer: str
    request: str
    product: str
    key: str
    quantity: Decimal
    tolerance: Decimal
    unit: str
    needed_from: date
    needed_to: date
    region: str
    ceiling: Decimal | None
    value: Decimal | None
    unit_price: Decimal | None
    currency: str
    vendor: str
    entered_at: datetime | None
    curve: tuple[Level, ...]
    substitutes: str
    fields: Mapping[str, Any]


class RowReader:
    """Reads records of one mapping; remembers which units and currencies are sound."""

    def __init__(self, mapping: tables.Mapping) -> None:
        self.mapping = mapping
        self.labels = {
            rule.name: " + ".join(str(column) for column in rule.columns) or rule.name for rule in mapping.fields
        }
        self.units: dict[str, str] = {}
        self.freight_currency = ""
        self.currencies: dict[str, str] = {}

    def label(self, field: str) -> str:
        """Return how the file calls a field."""
        return self.labels.get(field, field)

    @property
    def key_label(self) -> str:
        return ", ".join(self.label(name) for name in self.mapping.key)

    def fault(self, place: Place, field: str, value: object, reason: str) -> RowError:
        """Return a row error that names the file's own column."""
        shown = rules.plain(value) if isinstance(value, Decimal) else value
        return error_at(place, self.label(field), shown, reason)

    def read(self, record: Record) -> Want | list[RowError]:
        """Return the want a record states, or everything that is wrong with it."""
        fields: Mapping[str, Any] = record.fields
        unit = fields.get("unit") or DEFAULT_UNIT
        start = fields["needed_from"]
        want = Want(
            place=record.place,
            buyer=fields["buyer"] or "",
            request=fields.get("request") or "",
            product=fields["product"] or "",
            key=" / ".join(str(fields[name]) for name in self.mapping.key),
            quantity=_number(fields.get("quantity")),
            tolerance=_number(fields.get("tolerance")) or Decimal(0),
            unit=self._unit(unit),
            needed_from=start,
            needed_to=fields.get("needed_to") or (start and start + timedelta(days=1)),
            region=region_name(fields.get("region") or ""),
            ceiling=_number(fields.get("ceiling")),
            value=_number(fields.get("value")),
            unit_price=_number(fields.get("unit_price")),
            currency=fields.get("currency") or DEFAULT_CURRENCY,
            vendor=fields.get("vendor") or "",
            entered_at=fields.get("entered_at"),
            curve=(),
            substitutes=(fields.get("substitutes") or "").strip().casefold(),
            fields=fields,
        )
        want, fault = _with_curve(want, fields.get("curve") or "")
        if fault:
            return [self.fault(want.place, *fault)]
        errors = self._errors(want, self._empty(want)) or self._errors(want, self._faults(want, unit))
        if errors:
            return errors
        want = want._replace(value=rules.value_of(want.quantity, want.value, want.unit_price))
        worth = ("value", want.value, rules.price_fault(want.value))
        return self._errors(want, [worth, *self._freight_faults(want)]) or want

    def _errors(self, want: Want, faults: list[Fault]) -> list[RowError]:
        return [self.fault(want.place, *fault) for fault in faults if fault[2]]

    def _unit(self, text: str) -> str:
        """Return the Rec 20 code of a unit, nothing when nobody knows it."""
        if text not in self.units:
            try:
                self.units[text] = parse_unit(text)
            except UnknownUnit:
                self.units[text] = ""
        return self.units[text]

    def _empty(self, want: Want) -> list[Fault]:
        needed = {"quantity": want.quantity, "needed_from": want.needed_from, "product": want.product or None}
        return [(name, "", "is empty and must not be") for name, value in needed.items() if value is None]

    def _freight_faults(self, want: Want) -> list[Fault]:
        """Return what is wrong with the freight a row states; a file's freight is in one currency."""
        freight, status = want.fields.get("freight"), want.fields.get("freight_status")
        if status == PRICED and freight is None:
            return [("freight", "", "is empty and must not be")]
        if freight is None:
            return []
        self.freight_currency = self.freight_currency or want.currency
        other = "" if want.currency == self.freight_currency else f"is not in {self.freight_currency}, as above"
        return [("freight", freight, other or rules.coin_fault(freight, want.currency))]

    def _faults(self, want: Want, unit: str) -> list[Fault]:
        if want.currency not in self.currencies:
            self.currencies[want.currency] = rules.currency_fault(want.currency)
        return [
            ("quantity", want.quantity, rules.quantity_fault(want.quantity, want.tolerance)),
            ("needed_to", want.needed_to, rules.period_fault(want.needed_from, want.needed_to)),
            ("unit_price", want.unit_price, rules.price_fault(want.unit_price)),
            ("ceiling", want.ceiling, rules.price_fault(want.ceiling, least=rules.PLACES)),
            ("currency", want.currency, self.currencies[want.currency]),
            ("unit", unit, "" if want.unit else "is no unit we know"),
            ("substitutes", want.substitutes, "" if want.substitutes in YES | NO else "is neither yes nor no"),
            *((name, text, _too_long(name, text)) for name, text in _texts(want)),
        ]


def _with_curve(want: Want, text: str) -> tuple[Want, Fault | None]:
    """Return the row with the curve that it states, whose ends are its quantity and ceiling; or what is wrong."""
    if not text.strip():
        return want, None
    try:
        levels = read_curve(text)
    except BadValue as wrong:
        return want, ("curve", text, str(wrong.facts["reason"]))
    if fault := rules.curve_faults(levels):
        return want, ("curve", text, fault)
    if want.quantity is not None and want.quantity != levels[-1].quantity:
        return want, ("curve", text, "does not end in the row's own quantity")
    return want._replace(curve=levels, quantity=levels[-1].quantity, ceiling=levels[0].price), None


def _number(value: object) -> Any:
    """Return a number as a Decimal: a mapping's constants may be whole numbers."""
    return Decimal(value) if isinstance(value, int) else value


def _texts(want: Want) -> tuple[tuple[str, str], ...]:
    return (
        ("key", want.key),
        ("buyer", want.buyer),
        ("request", want.request),
        ("product", want.product),
        ("region", want.region),
        ("vendor", want.vendor),
    )


def _too_long(name: str, text: str) -> str:
    longest = rules.LONGEST[name]
    return f"is longer than {longest} characters" if len(text) > longest else ""


def freight_of(want: Want) -> FreightRow | None:
    """Return the row as freight sees it, None when it says nothing of freight.

    The fields are `freight` with its status `freight_status` (and `freight_of`, the key of the row referred to),
    `shipment`, and `weight` with `weight_status`.
    """
    fields = want.fields
    status = fields.get("freight_status")
    if not status or status == "empty" or not want.key:
        return None
    weighed = fields.get("weight_status", "numeric") == "numeric"
    return FreightRow(
        id=want.key,
        shipment=(fields.get("shipment") or "")[:120],
        status=status,
        freight=fields.get("freight"),
        target=fields.get("freight_of"),
        weight=fields.get("weight") if weighed else None,
        value=want.value or Decimal(0),
    )
