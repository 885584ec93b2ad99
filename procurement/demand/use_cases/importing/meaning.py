"""Which fields of a mapping mean something to demand, and of what type they must be."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from marketplace.engines import tables
from marketplace.engines.tables.mapping import Type

NUMBERS = frozenset({"quantity", "tolerance", "ceiling", "value", "unit_price", "freight", "weight", "pack_size"})
DAYS = frozenset({"needed_from", "needed_to"})
INSTANTS = frozenset({"entered_at"})
TEXTS = frozenset(
    {
        "buyer", "buyer_name", "category", "country", "currency", "curve", "freight_of", "freight_status", "product",
        "product_name", "product_name_zh", "region", "request", "shipment", "substitutes", "unit", "vendor",
        "weight_status",
    }
)  # fmt: skip
_WANTED: dict[str, tuple[frozenset[Type], tuple[type, ...], str]] = {
    **dict.fromkeys(NUMBERS, (frozenset({Type.NUMBER, Type.INTEGER}), (int, Decimal), "a number")),
    **dict.fromkeys(DAYS, (frozenset({Type.DATE}), (date,), "a date")),
    **dict.fromkeys(INSTANTS, (frozenset({Type.DATETIME}), (datetime,), "a datetime with its zone")),
    **dict.fromkeys(TEXTS, (frozenset({Type.TEXT, Type.CHOICE}), (str,), "a text")),
}


def check_types(mapping: tables.Mapping) -> None:
    """Pass when every field that means something to demand is of its type.

    :raises BadMapping: one is not; the facts name its key.
    """
    for rule in mapping.fields:
        wanted = _WANTED.get(rule.name)
        if wanted and rule.type not in wanted[0]:
            _wrong(mapping, f"fields.{rule.name}.type", wanted[2])
        for name in rule.companions:
            if name in _WANTED and name not in TEXTS:
                _wrong(mapping, f"fields.{rule.name}", f"no text for {name}, which is {_WANTED[name][2]}")
    for name, value in mapping.constants.items():
        wanted = _WANTED.get(name)
        if wanted and not _is(value, wanted[1]):
            _wrong(mapping, f"constants.{name}", wanted[2])


def _is(value: object, types: tuple[type, ...]) -> bool:
    if isinstance(value, datetime):
        return datetime in types and value.tzinfo is not None
    return isinstance(value, types) and not isinstance(value, bool)


def _wrong(mapping: tables.Mapping, key: str, wanted: str) -> None:
    raise tables.BadMapping(mapping=mapping.name, key=key, reason=f"must be {wanted}")
