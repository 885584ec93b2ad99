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
from procurement.demand import rules

DEFAULT_CURRENCY, DEFAULT_UNIT, COUNTRY_UNKNOWN = "CNY", "C62", "ZZ"


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
    fields: Mapping[str, Any]


class RowReader:
    """Reads records of one mapping; remembers which units and currencies are sound."""

    def __init__(self, mapping: tables.Mapping) -> None:
        self.mapping = mapping
        self.labels = {
            rule.name: " + ".join(str(column) for column in rule.columns) or rule.name for rule in mapping.fields
        }
        self.units: dict[str, str] = {}
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
            quantity=fields["quantity"],
            tolerance=fields.get("tolerance") or Decimal(0),
            unit=self._unit(unit),
            needed_from=start,
            needed_to=fields.get("needed_to") or (start and start + timedelta(days=1)),
            region=fields.get("region") or "",
            ceiling=fields.get("ceiling"),
            value=fields.get("value"),
            unit_price=fields.get("unit_price"),
            currency=fields.get("currency") or DEFAULT_CURRENCY,
            vendor=fields.get("vendor") or "",
            entered_at=fields.get("entered_at"),
            fields=fields,
        )
        faults = self._faults(want, unit)
        if faults:
            return [self.fault(want.place, *fault) for fault in faults]
        return want._replace(value=rules.value_of(want.quantity, want.value, want.unit_price))

    def _unit(self, text: str) -> str:
        """Return the Rec 20 code of a unit, nothing when nobody knows it."""
        if text not in self.units:
            try:
                self.units[text] = parse_unit(text)
            except UnknownUnit:
                self.units[text] = ""
        return self.units[text]

    def _faults(self, want: Want, unit: str) -> list[tuple[str, object, str]]:
        if want.quantity is None or want.needed_from is None or not want.product:
            needed = {"quantity": want.quantity, "needed_from": want.needed_from, "product": want.product or None}
            return [(name, "", "is empty and must not be") for name, value in needed.items() if value is None]
        if want.currency not in self.currencies:
            self.currencies[want.currency] = rules.currency_fault(want.currency)
        found = [
            ("quantity", want.quantity, rules.quantity_fault(want.quantity, want.tolerance)),
            ("needed_to", want.needed_to, rules.period_fault(want.needed_from, want.needed_to)),
            ("value", want.value, rules.price_fault(want.value)),
            ("unit_price", want.unit_price, rules.price_fault(want.unit_price)),
            ("ceiling", want.ceiling, rules.price_fault(want.ceiling, least=rules.PLACES)),
            ("currency", want.currency, self.currencies[want.currency]),
            ("unit", unit, "" if want.unit else "is no unit we know"),
            *((name, text, _too_long(name, text)) for name, text in _texts(want)),
        ]
        return [fault for fault in found if fault[2]]


def _texts(want: Want) -> tuple[tuple[str, str], ...]:
    return (
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
        shipment=fields.get("shipment") or "",
        status=status,
        freight=fields.get("freight"),
        target=fields.get("freight_of"),
        weight=fields.get("weight") if weighed else None,
        value=want.value or Decimal(0),
    )
