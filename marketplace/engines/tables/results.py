"""What reading a table yields: records, row errors, rows skipped by a declared rule; and what refuses a file."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop

SHOWN = 120  # characters of a bad value that an error repeats


class BadFile(Refusal):
    """The file cannot be read as a table at all; facts: file, place, reason."""

    code: ClassVar[str] = "bad_file"
    words: ClassVar[str] = gettext_noop("{file} cannot be read as this table: {place} {reason}.")
    status: ClassVar[int] = 400

    def __init__(self, *, file: str, reason: str, place: str = "") -> None:
        super().__init__(file=file, place=place, reason=reason)


class BadMapping(Refusal):
    """A mapping says something it may not; facts: mapping, key (the TOML key at fault), reason."""

    code: ClassVar[str] = "bad_mapping"
    words: ClassVar[str] = gettext_noop("The mapping {mapping} cannot be used: {key} {reason}.")
    status: ClassVar[int] = 400

    def __init__(self, *, mapping: str, key: str, reason: str) -> None:
        super().__init__(mapping=mapping, key=key, reason=reason)


class CellRefused(ValueError):
    """One cell cannot be what its field asks for; the text is the reason."""


class BrokenCell(CellRefused):
    """The cell holds a spreadsheet's error value, such as #REF!."""


class Place(NamedTuple):
    """Where a row stands: row 1 is the first row of the sheet, as a spreadsheet counts; row 0 is the sheet itself."""

    file: str
    sheet: str
    row: int

    def __str__(self) -> str:
        sheet = f" [{self.sheet}]" if self.sheet else ""
        return f"{self.file}{sheet} row {self.row}"


class Record(NamedTuple):
    """One good row: every field the mapping declares, typed (text, Decimal, date, datetime, or None when empty)."""

    place: Place
    fields: Mapping[str, object]


class RowError(NamedTuple):
    """One bad cell (or one bad row, then `column` is empty). A row with three bad cells yields three of them."""

    file: str
    sheet: str
    row: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        sheet = f" [{self.sheet}]" if self.sheet else ""
        column = f" {self.column}" if self.column else ""
        return f"{self.file}{sheet} row {self.row}{column}: {self.value!r} {self.reason}"


class Skipped(NamedTuple):
    """One row (row 0: a whole sheet) left out by a rule that the mapping names."""

    place: Place
    rule: str


Item = Record | RowError | Skipped


def error_at(place: Place, column: str, value: object, reason: str) -> RowError:
    """Return a row error that repeats at most `SHOWN` characters of the value, those that do not show as escapes."""
    text = "" if value is None else str(value)[:SHOWN]
    return RowError(place.file, place.sheet, place.row, column, "".join(_visible(sign) for sign in text), reason)


def _visible(sign: str) -> str:
    return sign if unicodedata.category(sign) not in ("Cc", "Cf", "Cs") else f"\\u{ord(sign):04x}"


@dataclass
class Tally:
    """Counts what a reading yielded: rows = lines + skipped + bad rows; errors counts bad cells.

    Rows of a file need not fit in memory: only the last bad row's place is kept.
    """

    lines: int = 0
    errors: int = 0
    bad_rows: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    sheets_left_out: Counter[str] = field(default_factory=Counter)
    _last_bad: tuple[str, str, int] | None = None

    @property
    def skipped(self) -> int:
        return self.by_rule.total()

    @property
    def rows(self) -> int:
        return self.lines + self.skipped + self.bad_rows

    def add(self, item: Item) -> None:
        """Count one item."""
        if isinstance(item, Record):
            self.lines += 1
        elif isinstance(item, Skipped):
            (self.by_rule if item.place.row else self.sheets_left_out)[item.rule] += 1
        else:
            self.errors += 1
            where = (item.file, item.sheet, item.row)
            self.bad_rows += where != self._last_bad
            self._last_bad = where
