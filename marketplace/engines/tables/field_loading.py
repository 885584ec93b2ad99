"""One field's table of a mapping file, from TOML."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from marketplace.engines.tables.cells import fold
from marketplace.engines.tables.dates import DateRule, check_format
from marketplace.engines.tables.mapping import UTC, Column, Field, TextCase, TextRule, Type
from marketplace.engines.tables.numbers import WIDEST, NumberRule
from marketplace.engines.tables.sections import Section

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
FORMS = ("", "NFC", "NFKC", "NFD", "NFKD")


def load_field(name: str, section: Section, numbers: NumberRule) -> Field:
    """Return the field that the section spells.

    :raises BadMapping: it says something it may not.
    """
    if not NAME.fullmatch(name):
        section.wrong("", "is no field name: small letters, digits and underscores")
    kind = Type(section.text("type", "text", tuple(Type)))
    field = Field(
        name=name,
        type=kind,
        columns=_columns(section),
        separator=section.text("separator", " "),
        title=section.regex("title"),
        product_of=_factors(section),
        required=section.flag("required"),
        empty=frozenset(fold(text) for text in section.texts("empty")),
        status=section.text("status"),
        stated=section.text("stated", "stated"),
        cases=tuple(_case(one) for one in section.sections("texts")),
        capture=section.regex("capture"),
        normal=section.text("normal", "NFC", FORMS),
        text=_text_rule(section, kind),
        number=number_rule(section, numbers, kind),
        date=_date_rule(section, kind),
        zone=_zone(section),
        plus_days=section.whole("plus_days", 0, -3660, 3660),
        default=_default(section, kind),
    )
    section.done()
    _check(section, field)
    return field


def _columns(section: Section) -> tuple[Column, ...]:
    nth = section.whole("nth", 0, 0, 100)
    single = section.texts("column")
    joined = section.texts("join")
    if single and joined:
        section.wrong("join", "cannot stand beside column")
    return (Column(single, nth),) if single else tuple(Column((one,)) for one in joined)


def _factors(section: Section) -> tuple[str, str] | None:
    names = section.texts("product_of")
    if names and len(names) != 2:
        section.wrong("product_of", "must name two fields")
    return (names[0], names[1]) if names else None


def _case(section: Section) -> TextCase:
    status = section.text("status", None)
    equals = section.texts("equals")
    pattern = section.regex("matches")
    section.done()
    if bool(equals) == bool(pattern):
        section.wrong("", "must hold either equals or matches")
    return TextCase(pattern or re.compile("|".join(re.escape(text) for text in equals), re.IGNORECASE), status)


def _text_rule(section: Section, kind: Type) -> TextRule:
    values = section.section("values")
    pairs = {fold(key): values.text(key) for key in values.data}
    keep_others = section.text("others", "refuse" if kind is Type.CHOICE else "keep", ("keep", "refuse")) == "keep"
    if kind is Type.CHOICE and not pairs:
        section.wrong("values", "is missing: a choice lists what it takes")
    return TextRule(
        remove=section.regex("remove"),
        spaces=section.text("spaces", "one", ("one", "keep")) == "one",
        case=section.text("case", "", ("", "upper", "lower")),
        values=pairs,
        keep_others=keep_others,
        matches=section.regex("matches"),
        longest=section.whole("longest", 1000, 1, 100_000),
    )


def number_rule(section: Section, base: NumberRule | None = None, kind: Type = Type.NUMBER) -> NumberRule:
    """Return the number rule of a section; what it leaves unsaid comes from `base`."""
    base = base or NumberRule()
    decimal = section.text("decimal", base.decimal, (".", ","))
    thousands = section.text("thousands", base.thousands if decimal == base.decimal else "", ("", ",", ".", " ", "'"))
    if decimal == thousands:
        section.wrong("thousands", "is the decimal sign too")
    least, above, most = (section.number(key) for key in ("min", "above", "max"))
    return NumberRule(
        decimal=decimal,
        thousands=thousands,
        signs=section.texts("signs") or base.signs,
        least=base.least if least is None else least,
        above=base.above if above is None else above,
        most=min(base.most if most is None else most, WIDEST),
        places=section.whole("places", base.places, 0, 6),
        rounded=section.flag("rounded", base.rounded),
        brackets=section.flag("brackets", base.brackets),
        whole=kind is Type.INTEGER,
    )


def _date_rule(section: Section, kind: Type) -> DateRule:
    formats = section.texts("formats")
    months = section.section("months")
    if kind in (Type.DATE, Type.DATETIME) and not formats:
        section.wrong("formats", "is missing: say how the dates are written, such as 'D-MMM-YY', 'iso', 'excel'")
    for n, form in enumerate(formats):
        try:
            check_format(form)
        except ValueError as error:
            section.wrong(f"formats[{n}]", str(error))
    return DateRule(
        formats=formats,
        century=section.whole("century", 1970, 1800, 2100),
        earliest=section.day("earliest", date(1900, 3, 1)),
        latest=section.day("latest", date(2199, 12, 31)),
        months={name.casefold(): months.whole(name, 0, 1, 12) for name in months.data},
    )


def _zone(section: Section) -> ZoneInfo:
    name = section.text("zone", "UTC")
    try:
        return ZoneInfo(name) if name != "UTC" else UTC
    except (KeyError, OSError, ValueError):
        section.wrong("zone", f"{name!r} is no time zone")


def _default(section: Section, kind: Type) -> object:
    value = section.raw("default")
    if value is None:
        return None
    if kind in (Type.NUMBER, Type.INTEGER):
        return section.number("default")
    if kind is Type.DATE:
        return section.day("default", date.min)
    if kind is Type.DATETIME:
        section.wrong("default", "has no meaning for a datetime")
    return section.text("default")


def _check(section: Section, field: Field) -> None:
    sources = [bool(field.columns), field.title is not None, field.product_of is not None]
    if sum(sources) != 1:
        section.wrong("", "must have exactly one of column, join, title, product_of")
    if field.product_of and field.type is not Type.NUMBER:
        section.wrong("type", "of a product must be number")
    if field.plus_days and field.type is not Type.DATE:
        section.wrong("plus_days", "is for dates")
    if field.capture and not field.capture.groups:
        section.wrong("capture", "captures nothing: put the part to keep in brackets")
    if field.default is not None and isinstance(field.default, Decimal) and field.required:
        section.wrong("required", "cannot stand beside default")
