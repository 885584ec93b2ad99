"""Mappings from TOML: those shipped beside this package by name, others by path, stored ones by their text."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from marketplace.engines.tables.field_loading import load_field, number_rule
from marketplace.engines.tables.mapping import DEMAND_NEEDS, Column, Field, Kind, Layout, Mapping, Skip, Test, Type
from marketplace.engines.tables.matrix_loading import load_matrix
from marketplace.engines.tables.results import BadMapping
from marketplace.engines.tables.sections import Section
from marketplace.engines.tables.skips import NUMBER_VERBS, VERBS, Operand

SHIPPED = Path(__file__).parent.parent / "mappings"
LONGEST = 256 * 1024  # bytes of a mapping file


def shipped_mappings() -> list[str]:
    """Return the names of the mappings that come with the product."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load_mapping(name_or_path: str | Path) -> Mapping:
    """Return the mapping of that shipped name, or in that TOML file.

    :raises BadMapping: there is none, or it says something it may not; facts name the TOML key at fault.
    """
    name = str(name_or_path)
    path = SHIPPED / f"{name}.toml" if re.fullmatch(r"[a-z0-9_]+", name) else Path(name_or_path)
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1)
    except OSError as error:
        reason = f"no such mapping; shipped: {', '.join(shipped_mappings())}"
        raise BadMapping(mapping=name, key="", reason=reason) from error
    if len(text) > LONGEST:
        raise BadMapping(mapping=name, key="", reason=f"is longer than {LONGEST} bytes")
    try:
        return parse_mapping(text.decode("utf-8-sig"), path.stem)
    except UnicodeDecodeError as error:
        raise BadMapping(mapping=name, key="", reason=f"is not UTF-8 at byte {error.start}") from error


def parse_mapping(text: str, name: str = "mapping") -> Mapping:
    """Return the mapping that a TOML text spells.

    :raises BadMapping: not TOML, or it says something it may not.
    """
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadMapping(mapping=name, key="", reason=f"is not TOML: {error}") from error
    return mapping_from(data, name)


def mapping_from(data: dict[str, Any], name: str = "mapping") -> Mapping:
    """Return the mapping that parsed TOML spells (numbers as int or Decimal).

    :raises BadMapping: it says something it may not.
    """
    top = Section(name, data)
    numbers_section = top.section("numbers")
    numbers = number_rule(numbers_section)
    numbers_section.done()
    mapping = Mapping(
        name=top.text("name", name),
        kind=Kind(top.text("kind", None, tuple(Kind))),
        description=top.text("description"),
        layout=_layout(top.section("file")),
        key=top.texts("key"),
        constants=_constants(top.section("constants")),
        numbers=numbers,
        fields=tuple(load_field(field, section, numbers) for field, section in top.named_sections("fields")),
        skips=tuple(_skip(section) for section in top.sections("skip")),
        matrix=load_matrix(top.section("matrix"), numbers) if "matrix" in top else None,
    )
    top.done()
    _check(top, mapping)
    return mapping


def _layout(section: Section) -> Layout:
    delimiter = section.text("delimiter", "auto")
    if delimiter != "auto" and (len(delimiter) != 1 or delimiter in '"\r\n'):
        section.wrong("delimiter", "must be 'auto' or one character that is no quotation mark")
    encoding = section.text("encoding", "auto")
    try:
        encoding == "auto" or "".encode(encoding)
    except (LookupError, ValueError):
        section.wrong("encoding", "is no encoding that Python knows")
    layout = Layout(
        encoding=encoding,
        delimiter=delimiter,
        sheets=section.texts("sheets") or ("*",),
        hidden=section.text("hidden", "skip", ("skip", "read", "refuse")),
        header_within=section.whole("header_within", 30, 1, 1000),
        header_rows=section.whole("header_rows", 1, 0, 5),
        short_rows=section.text("short_rows", "refuse", ("refuse", "fill")),
        links=section.text("links", "refuse", ("refuse", "cached")),
    )
    section.done()
    return layout


def _constants(section: Section) -> dict[str, object]:
    for key in section.data:
        if isinstance(section.raw(key), dict | list):
            section.wrong(key, "must be one value")
    return dict(section.data)


def _skip(section: Section) -> Skip:
    name = section.text("name", None)
    nested = list(section.sections("all"))
    tests = [_test(one) for one in nested] if nested else [_test(section)]
    for one in nested or [section]:
        one.done()
    section.done()
    return Skip(name, tuple(tests))


def _test(section: Section) -> Test:
    column = Column(section.texts("column"), section.whole("nth", 0, 0, 100))
    if not column.names:
        section.wrong("column", "is missing")
    verbs = [verb for verb in VERBS if verb in section]
    if len(verbs) != 1:
        section.wrong("", f"must hold exactly one of {', '.join(VERBS)}")
    return Test(column, verbs[0], _operand(section, verbs[0]))


def _operand(section: Section, verb: str) -> Operand:
    operand: Operand | None
    if verb == "empty":
        operand = section.flag(verb)
    elif verb == "matches":
        operand = section.regex(verb)
    elif verb in NUMBER_VERBS:
        operand = section.number(verb)
    else:
        operand = frozenset(section.texts(verb)) or None
    if operand is None:
        section.wrong(verb, "is empty")
    return operand


def _check(top: Section, mapping: Mapping) -> None:
    names = [name for rule in mapping.fields for name in (rule.name, *rule.companions)] + list(mapping.constants)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        top.wrong(f"fields.{twice}", "is filled twice")
    for name in mapping.key:
        if name not in names:
            top.wrong("key", f"names {name!r}, which no field fills")
    for rule in mapping.fields:
        _check_product(top, rule, {one.name: one for one in mapping.fields})
    if mapping.matrix is None:
        if not mapping.columns:
            top.wrong("fields", "read no column")
        missing = [name for name in DEMAND_NEEDS if name not in names] if mapping.kind is Kind.DEMAND else []
        if missing:
            top.wrong(
                f"fields.{missing[0]}", "is missing: a demand mapping fills buyer, product, quantity, needed_from"
            )
    elif mapping.kind is not Kind.BIDS:
        top.wrong("matrix", "is for bids")


def _check_product(top: Section, rule: Field, fields: dict[str, Field]) -> None:
    for factor in rule.product_of or ():
        found = fields.get(factor)
        if found is None or found.type not in (Type.NUMBER, Type.INTEGER) or found.product_of:
            top.wrong(f"fields.{rule.name}.product_of", f"names {factor!r}, which is no number read from the table")
