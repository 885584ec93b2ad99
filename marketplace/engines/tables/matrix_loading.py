"""The matrix section of a bids mapping, from TOML."""

from __future__ import annotations

import re

from marketplace.engines.tables.bidders import bidder_key
from marketplace.engines.tables.cells import fold
from marketplace.engines.tables.field_loading import number_rule
from marketplace.engines.tables.matrix import GROUP_COLUMNS, LINE_COLUMNS, Matrix
from marketplace.engines.tables.numbers import NumberRule
from marketplace.engines.tables.sections import Section


def load_matrix(section: Section, numbers: NumberRule) -> Matrix:
    """Return the wide layout that the section spells.

    :raises BadMapping: it says something it may not.
    """
    aliases, titles = section.section("aliases"), section.section("titles")
    matrix = Matrix(
        line=_headings(section.section("line"), LINE_COLUMNS),
        group=_headings(section.section("group"), GROUP_COLUMNS),
        quantity=_numbers(section, "quantity", numbers),
        price=_numbers(section, "price", numbers),
        units=_units(section.section("units")),
        total_label=_label(section, "total_label") or re.compile("total", re.IGNORECASE),
        sum_label=_label(section, "sum_label"),
        estimate=_label(section, "estimate"),
        placeholder=_label(section, "placeholder"),
        alternate=_label(section, "alternate"),
        titles={name: pattern for name in titles.data if (pattern := titles.regex(name))},
        aliases={bidder_key(wrong): bidder_key(aliases.text(wrong)) for wrong in aliases.data},
        most_lines=section.whole("most_lines", 5000, 1, 50_000),
    )
    section.done()
    return matrix


def _headings(section: Section, wanted: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    headings = {name: section.texts(name) for name in wanted}
    missing = next((name for name, texts in headings.items() if not texts), None)
    if missing:
        section.wrong(missing, "is missing")
    section.done()
    return headings


def _numbers(section: Section, key: str, numbers: NumberRule) -> NumberRule:
    inner = section.section(key)
    rule = number_rule(inner, numbers)
    inner.done()
    return rule


def _units(section: Section) -> dict[str, str]:
    return {fold(spelling): code for code in section.data for spelling in (code, *section.texts(code))}


def _label(section: Section, key: str) -> re.Pattern[str] | None:
    pattern = section.regex(key)
    return re.compile(pattern.pattern, re.IGNORECASE) if pattern else None
