"""Rows of XLSX workbooks, streamed: values as last calculated, never a formula run by us."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, BinaryIO

from marketplace.engines.tables.cells import Cell, NeverCalculated, RawRow
from marketplace.engines.tables.results import BadFile
from marketplace.engines.tables.workbook_checks import check_workbook


@dataclass(frozen=True)
class Sheet:
    """One sheet of a file; `rows` starts a fresh reading. A CSV file has one, without a name."""

    name: str
    hidden: bool
    rows: Callable[[], Iterator[RawRow]]


def xlsx_sheets(stream: BinaryIO, file: str, links: str = "refuse") -> Iterator[Sheet]:
    """Yield the worksheets of a workbook in its own order.

    :raises BadFile: broken, encrypted, with macros, too large, or not XML that may be trusted.
    """
    formulas = check_workbook(stream, file, links)
    values = _opened(stream, file, data_only=True)
    written = _opened(stream, file, data_only=False) if formulas else None
    for n, sheet in enumerate(values.worksheets):
        other = written.worksheets[n] if written else None
        yield Sheet(sheet.title, sheet.sheet_state != "visible", _reading(sheet, other, file))


def _opened(stream: BinaryIO, file: str, *, data_only: bool) -> Any:
    import openpyxl  # heavy: only those who read workbooks pay for it

    stream.seek(0)
    try:
        return openpyxl.load_workbook(stream, read_only=True, data_only=data_only, keep_links=False)
    except Exception as error:  # openpyxl has no family of errors: whatever breaks here is the file's fault
        raise BadFile(file=file, reason=f"is a broken workbook: {_said(error)}") from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _reading(sheet: Any, other: Any, file: str) -> Callable[[], Iterator[RawRow]]:
    def rows() -> Iterator[RawRow]:
        pairs = zip_longest(_cells(sheet), _cells(other) if other else (), fillvalue=())
        number = 0
        while True:
            number += 1
            try:
                pair = next(pairs, None)
            except Exception as error:  # see _opened
                reason = f"is a broken workbook: {_said(error)}"
                raise BadFile(file=file, place=f"{sheet.title} row {number}", reason=reason) from error
            if pair is None:
                return
            yield RawRow(number, _merged(*pair) if other else pair[0])

    return rows


def _cells(sheet: Any) -> Iterator[tuple[Cell, ...]]:
    sheet.reset_dimensions()  # what the file says of its own size is not to be relied upon
    rows: Iterator[tuple[Cell, ...]] = sheet.iter_rows(values_only=True)
    return rows


def _merged(values: tuple[Cell, ...], written: tuple[Any, ...]) -> tuple[Cell, ...]:
    pairs = zip_longest(values, written)
    return tuple(NeverCalculated(str(said)) if value is None and said is not None else value for value, said in pairs)
