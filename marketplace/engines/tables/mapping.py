"""A mapping as values: which column of a foreign table feeds which field, and by which rules."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from marketplace.engines.tables.dates import DateRule
from marketplace.engines.tables.matrix import Matrix
from marketplace.engines.tables.numbers import NumberRule
from marketplace.engines.tables.skips import Operand

UTC = ZoneInfo("UTC")


class Kind(StrEnum):
    """What the records of a mapping are."""

    DEMAND = "demand"
    BIDS = "bids"


class Type(StrEnum):
    """What a field holds: str, Decimal (whole or not), date, aware datetime, or one of a list."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"


# A demand mapping feeds at least these; every other name is free, and these have a meaning when they are there.
DEMAND_NEEDS = ("buyer", "product", "quantity", "needed_from")


@dataclass(frozen=True)
class Column:
    """A column found by any of its headings; `nth` tells equal headings apart (1 is the leftmost)."""

    names: tuple[str, ...]
    nth: int = 0

    def __str__(self) -> str:
        return self.names[0]


@dataclass(frozen=True)
class TextCase:
    """A text that stands where a value should: it gives the field no value, but a status (and what it captures)."""

    pattern: re.Pattern[str]
    status: str


@dataclass(frozen=True)
class TextRule:
    """What is done to a text: removals, one blank for many, case, a value map; and what it must look like."""

    remove: re.Pattern[str] | None = None
    spaces: bool = True
    case: str = ""
    values: Map[str, str] = field(default_factory=dict, hash=False)
    keep_others: bool = True
    matches: re.Pattern[str] | None = None
    longest: int = 1000


@dataclass(frozen=True)
class Field:
    """One field and where it comes from: a column, joined columns, a title above the header, or two other fields.

    status      name of the companion field that says `stated`, `empty`, or the status of a declared text
    companions  every other field that this one fills (its status, the named groups of its patterns)
    plus_days   days added to a date
    """

    name: str
    type: Type
    columns: tuple[Column, ...] = ()
    separator: str = " "
    title: re.Pattern[str] | None = None
    product_of: tuple[str, str] | None = None
    required: bool = False
    default: object = None
    empty: frozenset[str] = frozenset()
    status: str = ""
    stated: str = "stated"
    cases: tuple[TextCase, ...] = ()
    capture: re.Pattern[str] | None = None
    normal: str = "NFC"
    text: TextRule = field(default_factory=TextRule)
    number: NumberRule = field(default_factory=NumberRule)
    date: DateRule = field(default_factory=lambda: DateRule(("iso",)))
    zone: ZoneInfo = UTC
    plus_days: int = 0

    @property
    def companions(self) -> tuple[str, ...]:
        patterns = [case.pattern for case in self.cases] + ([self.capture] if self.capture else [])
        groups = dict.fromkeys(name for pattern in patterns for name in pattern.groupindex if name != self.name)
        return (*((self.status,) if self.status else ()), *groups)


@dataclass(frozen=True)
class Test:
    """One predicate on one column: a verb of `skips.VERBS` and its operand."""

    column: Column
    verb: str
    operand: Operand


@dataclass(frozen=True)
class Skip:
    """A rule by which rows are left out on purpose: all its tests hold. Rules are tried in order."""

    name: str
    tests: tuple[Test, ...]


@dataclass(frozen=True)
class Layout:
    """Where the table stands in the file.

    encoding      `auto` or a codec's name         delimiter     `auto` or one character
    sheets        patterns of sheet names           hidden        `skip`, `read` or `refuse` hidden sheets
    header_within rows searched for the header      header_rows   rows the header spans (0: columns are letters)
    short_rows    `refuse` or `fill` rows with fewer cells than the header
    links         `refuse` workbooks that link to others, or read the `cached` values
    """

    encoding: str = "auto"
    delimiter: str = "auto"
    sheets: tuple[str, ...] = ("*",)
    hidden: str = "skip"
    header_within: int = 30
    header_rows: int = 1
    short_rows: str = "refuse"
    links: str = "refuse"


@dataclass(frozen=True)
class Mapping:
    """A whole mapping; `load_mapping` makes and checks it."""

    name: str
    kind: Kind
    description: str = ""
    layout: Layout = Layout()
    key: tuple[str, ...] = ()
    constants: Map[str, object] = field(default_factory=dict, hash=False)
    numbers: NumberRule = field(default_factory=NumberRule)
    fields: tuple[Field, ...] = ()
    skips: tuple[Skip, ...] = ()
    matrix: Matrix | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column the mapping speaks of, each once, in order of mention."""
        tested = [test.column for skip in self.skips for test in skip.tests]
        fed = [column for rule in self.fields for column in rule.columns]
        return tuple(dict.fromkeys([*fed, *tested]))

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading by which a column may be found."""
        wide = self.matrix.headings if self.matrix else ()
        return (*wide, *(name for column in self.columns for name in column.names))

    @property
    def needed(self) -> frozenset[Column]:
        """The columns without which a row cannot be a header: those of required fields and of skip rules."""
        tested = [test.column for skip in self.skips for test in skip.tests]
        fed = [column for rule in self.fields if rule.required for column in rule.columns]
        return frozenset([*tested, *fed])
