"""Reading a table by a mapping: one pass, one row at a time, every row answered for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import BinaryIO

from marketplace.engines.tables.cells import fold
from marketplace.engines.tables.csv_source import csv_rows
from marketplace.engines.tables.headers import NoHeader, find_header
from marketplace.engines.tables.mapping import Layout, Mapping
from marketplace.engines.tables.results import BadFile, Item, Place, Skipped
from marketplace.engines.tables.table import Table
from marketplace.engines.tables.xlsx_source import Sheet, xlsx_sheets

Source = str | Path | BinaryIO
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "is an old or encrypted workbook: save it as .xlsx without a password"),
    (b"%PDF", "is a PDF, not a table"),
    (b"\x89PNG", "is a picture, not a table"),
    (b"\xff\xd8\xff", "is a picture, not a table"),
)


def read_records(source: Source, mapping: Mapping, name: str = "") -> Iterator[Item]:
    """Yield what every row of a table is: a Record, one or more RowErrors, or Skipped by a declared rule.

    source    a path, or an open binary file that can seek (it is not closed)
    name      how errors call the file; the path's last part when not given
    memory    one row at a time, beside the keys already met when the mapping declares a key

    Rows in which no cell shows anything are no rows. Nothing is yielded before the whole file has been found
    readable (text files) or sound (workbooks).

    :raises BadFile: the file as a whole cannot be read as the mapping's table.
    """
    with opened(source, name) as (stream, file):
        reader = _Reader(mapping, file)
        for sheet in sheets_of(stream, file, mapping):
            yield from reader.sheet(sheet)
        reader.close()


@contextmanager
def opened(source: Source, name: str = "") -> Iterator[tuple[BinaryIO, str]]:
    """Yield the open file and what to call it.

    :raises BadFile: it cannot be opened.
    """
    if not isinstance(source, str | Path):
        yield source, name or Path(str(getattr(source, "name", "") or "upload")).name
        return
    path = Path(source)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise BadFile(file=name or path.name, reason=f"cannot be opened: {error.strerror}") from error
    with stream:
        yield stream, name or path.name


def sheets_of(stream: BinaryIO, file: str, mapping: Mapping) -> Iterator[Sheet]:
    """Yield the sheets of a workbook, or the one nameless sheet of a text file, told apart by their first bytes."""
    stream.seek(0)
    head = stream.read(8)
    for mark, reason in _FOREIGN:
        if head.startswith(mark):
            raise BadFile(file=file, reason=reason)
    if head.startswith(b"PK"):
        yield from xlsx_sheets(stream, file, mapping.layout.links)
    else:
        yield Sheet("", False, partial(csv_rows, stream, file, mapping))


def left_out(sheet: Sheet, layout: Layout, file: str) -> str:
    """Return the rule by which a whole sheet is left out, empty when it is to be read.

    :raises BadFile: it is hidden, and the mapping refuses hidden sheets.
    """
    if sheet.name and not any(fnmatchcase(fold(sheet.name), fold(pattern)) for pattern in layout.sheets):
        return "another sheet"
    if sheet.hidden and layout.hidden == "refuse":
        raise BadFile(file=file, place=sheet.name, reason="is a hidden sheet, which the mapping refuses")
    return "hidden sheet" if sheet.hidden and layout.hidden == "skip" else ""


class _Reader:
    """The state of one reading: keys already met, and whether any sheet held the table."""

    def __init__(self, mapping: Mapping, file: str) -> None:
        self.mapping = mapping
        self.file = file
        self.keys: dict[object, tuple[str, int]] = {}
        self.found = False
        self.lacking: NoHeader | None = None
        self.hidden: list[str] = []

    def sheet(self, sheet: Sheet) -> Iterator[Item]:
        place = Place(self.file, sheet.name, 0)
        rule = left_out(sheet, self.mapping.layout, self.file)
        if rule:
            self.hidden += [sheet.name] if sheet.hidden else []
            yield Skipped(place, rule)
            return
        try:
            header, rows = find_header(sheet.rows(), self.mapping, self.file, sheet.name)
        except NoHeader as error:
            self.lacking = self.lacking or error
            yield Skipped(place, "sheet without the table")
            return
        self.found = True
        yield from Table(self.mapping, header, place, self.keys).items(rows)

    def close(self) -> None:
        """Refuse a file none of whose sheets held the table."""
        if self.found:
            return
        missing = ", ".join(repr(str(column)) for column in self.lacking.missing) if self.lacking else ""
        place = f"row {self.lacking.row}" if self.lacking and self.lacking.row else ""
        reason = f"no header row was found; missing: {missing}" if missing else "no sheet is the mapping's table"
        reason += f"; hidden sheets were left out: {', '.join(self.hidden)}" if self.hidden else ""
        raise BadFile(file=self.file, place=place, reason=reason)
