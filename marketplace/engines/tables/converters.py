"""From a cell to a field's typed value, by the field's declared rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

from marketplace.engines.tables.cells import Cell, clean_cell, collapse, fold
from marketplace.engines.tables.dates import date_reader, in_zone
from marketplace.engines.tables.mapping import Field, TextRule, Type
from marketplace.engines.tables.numbers import fit, read_number
from marketplace.engines.tables.patterns import LONGEST_TEXT
from marketplace.engines.tables.results import CellRefused

Filled = dict[str, object]
Converter = Callable[[Cell], Filled]

_KEPT = 8192  # distinct texts whose conversion is remembered, per field


def read_text(text: str, rule: TextRule) -> str:
    """Return a cleaned text as its rule wants it.

    :raises CellRefused: too long, of another form, or not among the values taken.
    """
    if rule.spaces:
        text = collapse(text)
    if rule.remove:
        text = rule.remove.sub("", text).strip()
    if rule.values:
        text = _looked_up(text, rule)
    if rule.case:
        text = text.upper() if rule.case == "upper" else text.lower()
    if len(text) > rule.longest:
        raise CellRefused(f"is longer than {rule.longest} characters")
    if rule.matches and not rule.matches.fullmatch(text):
        raise CellRefused(f"is not of the form {rule.matches.pattern}")
    return text


def _looked_up(text: str, rule: TextRule) -> str:
    found = rule.values.get(fold(text))
    if found is None and not rule.keep_others:
        raise CellRefused(f"is none of {', '.join(rule.values)}")
    return text if found is None else found


def _value_reader(rule: Field) -> Callable[[Cell], object]:
    if rule.type in (Type.NUMBER, Type.INTEGER):
        return lambda cell: read_number(cell, rule.number)
    if rule.type in (Type.TEXT, Type.CHOICE):
        return lambda cell: read_text(clean_cell(cell, rule.normal), rule.text)
    read = date_reader(rule.date)
    if rule.type is Type.DATE:
        return lambda cell: read(cell).date() + timedelta(days=rule.plus_days)
    return lambda cell: in_zone(read(cell), rule.zone)


def converter(rule: Field) -> Converter:
    """Return what turns a cell into the field and its companions; the turning raises CellRefused."""
    read = _value_reader(rule)
    nothing: dict[str, object] = {rule.name: None} | dict.fromkeys(rule.companions)
    status = {rule.status} - {""}
    patterned = bool(rule.cases or rule.capture or rule.text.matches or rule.text.remove)

    def filled(value: object, state: str, captured: Filled | None = None) -> Filled:
        return nothing | {rule.name: value} | dict.fromkeys(status, state) | (captured or {})

    def convert(cell: Cell) -> Filled:
        text = clean_cell(cell, rule.normal)
        if not text or (rule.empty and fold(text) in rule.empty):
            if rule.required:
                raise CellRefused("is empty and must not be")
            return filled(rule.default, "empty")
        if len(text) > LONGEST_TEXT and patterned:
            raise CellRefused(f"is longer than {LONGEST_TEXT} characters")
        for case in rule.cases:
            found = case.pattern.fullmatch(text)
            if found:
                return filled(None, case.status, found.groupdict())
        if rule.capture:
            return filled(*_captured(rule, text, read))
        return filled(read(cell), rule.stated)

    return convert


def _captured(rule: Field, text: str, read: Callable[[Cell], object]) -> tuple[object, str, Filled]:
    assert rule.capture is not None  # noqa: S101 - the caller asked
    found = rule.capture.search(text)
    if not found:
        raise CellRefused(f"is not of the form {rule.capture.pattern}")
    groups = found.groupdict()
    main = groups.pop(rule.name, None) or found[1]
    return read(main), rule.stated, groups


def remembering(convert: Converter) -> Converter:
    """Return the same conversion, remembering texts already met (columns repeat themselves)."""
    known: dict[str, Filled] = {}

    def recall(cell: Cell) -> Filled:
        if not isinstance(cell, str):
            return convert(cell)
        filled = known.get(cell)
        if filled is None:
            if len(known) >= _KEPT:
                known.clear()
            filled = known[cell] = convert(cell)
        return filled

    return recall


def joined(cells: list[Cell], rule: Field) -> str:
    """Return the texts of joined columns as one; empty when any part is.

    :raises CellRefused: a part cannot be read.
    """
    parts = [clean_cell(cell, rule.normal) for cell in cells]
    return rule.separator.join(parts) if all(parts) else ""


def product(fields: Mapping[str, object], rule: Field) -> Decimal | None:
    """Return the product of the two fields a field names, None when one is empty.

    :raises CellRefused: it does not fit the field's bounds.
    """
    assert rule.product_of is not None  # noqa: S101 - the caller asked
    left, right = (fields.get(name) for name in rule.product_of)
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    return fit(left * right, rule.number)
