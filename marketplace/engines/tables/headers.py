"""Finding the header of a table: anywhere near the top, columns in any order, by any of their declared names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from marketplace.engines.tables.cells import Cell, RawRow, column_letter, fold, text_of
from marketplace.engines.tables.mapping import Column, Mapping
from marketplace.engines.tables.results import BadFile


@dataclass(frozen=True)
class Header:
    """Where the columns are. `titles` are the rows above, `width` the cells a full row has."""

    row: int
    width: int
    places: dict[Column, int]
    titles: tuple[RawRow, ...] = ()


class NoHeader(Exception):
    """No row of the sheet looks like the mapping's header; `missing` are the columns that the likeliest row lacks."""

    def __init__(self, missing: Sequence[Column], row: int) -> None:
        super().__init__(missing, row)
        self.missing = missing
        self.row = row


def find_header(rows: Iterator[RawRow], mapping: Mapping, file: str, sheet: str) -> tuple[Header, Iterator[RawRow]]:
    """Return the header and the rows below it.

    A row is the header when every column of a required field or a skip rule stands in it (all columns, when nothing
    is required). With `header_rows` over one, a merged heading reaches right over the cells it covers.

    :raises NoHeader: none of the first rows is.
    :raises BadFile: a heading stands twice and the mapping does not say which it means.
    """
    layout = mapping.layout
    if layout.header_rows == 0:
        first = list(islice(rows, 1))
        width = len(first[0].cells) if first else 0
        names = [{fold(column_letter(index))} for index in range(width)]
        return Header(0, width, _places(mapping.columns, names, file, "row 1")), chain(first, rows)
    span = layout.header_rows
    head = list(islice(rows, layout.header_within + span - 1))
    needed = mapping.needed or frozenset(mapping.columns)
    fewest: list[Column] | None = None
    likeliest = 0
    for start in range(max(len(head) - span + 1, 0)):
        names = _names([row.cells for row in head[start : start + span]])
        missing = [column for column in mapping.columns if column in needed and not _standing(column, names)]
        if not missing:
            last = head[start + span - 1]
            place = f"{sheet} row {last.number}".strip()
            places = _places(mapping.columns, names, file, place)
            titles = tuple(head[:start])
            return Header(last.number, len(names), places, titles), chain(head[start + span :], rows)
        if fewest is None or len(missing) < len(fewest):
            fewest, likeliest = missing, head[start].number
    every = [column for column in mapping.columns if column in needed]
    raise NoHeader(every if fewest is None else fewest, likeliest)


def _names(rows: Sequence[Sequence[Cell]]) -> list[set[str]]:
    """Return, for each column, the folded headings it answers to."""
    width = max(len(row) for row in rows)
    while width and all(_blank_at(row, width - 1) for row in rows):
        width -= 1
    *upper, lowest = [[text_of(row[i]) if i < len(row) else "" for i in range(width)] for row in rows]
    if not upper:
        return [{fold(low)} - {""} for low in lowest]
    above = [" ".join(parts) for parts in zip(*(_reaching(row) for row in upper), strict=True)]
    both = zip(above, lowest, strict=True)
    return [({fold(low), fold(f"{high} {low}")} if low else {fold(high)}) - {""} for high, low in both]


def _blank_at(row: Sequence[Cell], index: int) -> bool:
    return index >= len(row) or not fold(text_of(row[index]))


def _reaching(texts: Iterable[str]) -> list[str]:
    reached, last = [], ""
    for text in texts:
        last = text or last
        reached.append(last)
    return reached


def _standing(column: Column, names: list[set[str]]) -> list[int]:
    """Return where the column may stand: by its first heading that is there at all."""
    for name in column.names:
        found = [index for index, answers in enumerate(names) if fold(name) in answers]
        if found and column.nth <= len(found):
            return [found[column.nth - 1]] if column.nth else found
    return []


def _places(columns: Iterable[Column], names: list[set[str]], file: str, place: str) -> dict[Column, int]:
    places = {}
    for column in columns:
        found = _standing(column, names)
        if len(found) > 1:
            letters = " and ".join(column_letter(index) for index in found)
            reason = f"the heading {str(column)!r} stands more than once ({letters}): the mapping must say nth"
            raise BadFile(file=file, place=place, reason=reason)
        if found:
            places[column] = found[0]
    return places
