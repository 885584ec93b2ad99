"""Reading bid tabulations: one sheet a schedule, one block of columns a bidder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from marketplace.engines.tables.bidders import Bidder, bidder_of
from marketplace.engines.tables.cells import Cell, RawRow, clean_cell, collapse, fold, is_blank, text_of
from marketplace.engines.tables.mapping import Mapping
from marketplace.engines.tables.matrix import GROUP_COLUMNS, Matrix
from marketplace.engines.tables.reading import Source, left_out, opened, sheets_of
from marketplace.engines.tables.results import BadFile, BadMapping, CellRefused, Place, RowError, Skipped
from marketplace.engines.tables.schedule_rows import Block, ScheduleRows
from marketplace.engines.tables.schedules import Schedule
from marketplace.engines.tables.xlsx_source import Sheet


def read_schedules(source: Source, mapping: Mapping, name: str = "") -> Iterator[Schedule | RowError | Skipped]:
    """Yield the schedules of a bid tabulation, and before each the errors found in it.

    source    a path, or an open binary file that can seek (it is not closed)
    memory    one sheet at a time, of at most `most_lines` lines

    :raises BadFile: the file as a whole cannot be read, or no sheet is a tabulation.
    :raises BadMapping: the mapping declares no matrix.
    """
    if mapping.matrix is None:
        raise BadMapping(mapping=mapping.name, key="matrix", reason="is missing")
    with opened(source, name) as (stream, file):
        found = False
        for sheet in sheets_of(stream, file, mapping):
            rule = left_out(sheet, mapping.layout, file) or ""
            header = None if rule else _header(sheet.rows(), mapping.matrix, mapping.layout.header_within)
            if header is None:
                yield Skipped(Place(file, sheet.name, 0), rule or "sheet without the table")
                continue
            found = True
            yield from _schedule(header, sheet, file, mapping)
        if not found:
            raise BadFile(file=file, reason="no sheet is a tabulation of the mapping")


@dataclass(frozen=True)
class _Header:
    """Where a tabulation's columns are: the fixed ones by name, and the first of each block."""

    above: Sequence[RawRow]
    row: RawRow
    below: Iterator[RawRow]
    line: dict[str, int]
    blocks: Sequence[int]


def _header(rows: Iterator[RawRow], matrix: Matrix, within: int) -> _Header | None:
    above: list[RawRow] = []
    for raw in islice(rows, within):
        names = [fold(text_of(cell)) for cell in raw.cells]
        line = {part: _first(names, texts) for part, texts in matrix.line.items()}
        blocks = _blocks(names, matrix)
        if blocks and all(index is not None for index in line.values()):
            known = {part: index for part, index in line.items() if index is not None}
            return _Header(above, raw, rows, known, blocks)
        above.append(raw)
    return None


def _first(names: Sequence[str], texts: Sequence[str]) -> int | None:
    wanted = {fold(text) for text in texts}
    return next((index for index, name in enumerate(names) if name in wanted), None)


def _blocks(names: Sequence[str], matrix: Matrix) -> list[int]:
    """Return where each run of the block's headings, in their order, begins."""
    wanted = [{fold(text) for text in matrix.group[part]} for part in GROUP_COLUMNS]
    starts = range(len(names) - len(wanted) + 1)
    return [at for at in starts if all(names[at + n] in texts for n, texts in enumerate(wanted))]


def _schedule(header: _Header, sheet: Sheet, file: str, mapping: Mapping) -> Iterator[Schedule | RowError | Skipped]:
    assert mapping.matrix is not None  # noqa: S101 - the caller asked
    matrix = mapping.matrix
    place = Place(file, sheet.name, header.row.number)
    blocks = [block for at in header.blocks if (block := _block(header, at, matrix))]
    rows = ScheduleRows(matrix, header.line, blocks, place)
    for raw in header.below:
        if not is_blank(raw.cells):
            rows.take(raw)
    titles, opened_on = _titles(header, matrix)
    yield from rows.errors
    yield from rows.skipped
    kind = "alternate" if matrix.alternate and matrix.alternate.search(sheet.name) else "base"
    tender = titles.get("tender") or Path(file).stem
    currency = str(mapping.constants.get("currency", ""))
    yield rows.schedule(kind=kind, tender=tender, currency=currency, titles=titles, opened_on=opened_on)


def _block(header: _Header, at: int, matrix: Matrix) -> Block | None:
    """Return the block whose columns begin at `at`; its name is the lowest text above them. None: nobody's."""
    for raw in reversed(header.above):
        for cell in raw.cells[at : at + len(GROUP_COLUMNS)]:
            name = collapse(text_of(cell)) if isinstance(cell, str) else ""
            if name:
                return _named_block(bidder_of(name, matrix.aliases), at, matrix)
    return Block(Bidder("", ""), at, at + 1)


def _named_block(bidder: Bidder, at: int, matrix: Matrix) -> Block:
    estimate = matrix.estimate is not None and bool(matrix.estimate.search(bidder.name))
    placeholder = matrix.placeholder is not None and bool(matrix.placeholder.search(bidder.name))
    return Block(bidder, at, at + 1, estimate, placeholder)


def _titles(header: _Header, matrix: Matrix) -> tuple[dict[str, str], date | None]:
    """Return the declared titles, the other texts above the header (`place`, then `title`), and the first date."""
    titles: dict[str, str] = {}
    rest: list[str] = []
    opened_on: date | None = None
    for raw in header.above:
        for cell in raw.cells[: min(header.blocks)]:
            if isinstance(cell, datetime):
                opened_on = opened_on or cell.date()
            text = _title_text(cell)
            hits = {name: found[1] for name, pattern in matrix.titles.items() if (found := pattern.search(text))}
            titles = hits | titles
            rest += [text] if text and not hits else []
    named = {"place": rest[0], "title": " ".join(rest[1:])} if rest else {}
    return named | titles, opened_on


def _title_text(cell: Cell) -> str:
    try:
        return collapse(clean_cell(cell)) if isinstance(cell, str) else ""
    except CellRefused:
        return ""
