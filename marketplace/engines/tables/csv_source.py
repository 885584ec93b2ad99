"""Rows of CSV files, packed or not, in whatever encoding and with whatever delimiter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from marketplace.engines.tables.cells import RawRow, fold
from marketplace.engines.tables.encodings import find_encoding, unpacked
from marketplace.engines.tables.mapping import Mapping

DELIMITERS = (",", ";", "\t", "|")


def csv_rows(stream: BinaryIO, file: str, mapping: Mapping) -> Iterator[RawRow]:
    """Yield every row of a CSV file, blank ones too; a row that cannot be cut into cells says why.

    :raises BadFile: not a text file that can be read to its end; raised before the first row.
    """
    layout = mapping.layout
    encoding = find_encoding(stream, file, layout.encoding)
    delimiter = layout.delimiter
    if delimiter == "auto":
        delimiter = _delimiter(_text(stream, encoding), mapping)
    return _rows(_text(stream, encoding), delimiter)


def _text(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(unpacked(stream), encoding=encoding, newline="")


def _rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[RawRow]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield RawRow(number, (), f"cannot be cut into cells (lines {line} to {reader.line_num}): {error}")
            continue
        yield RawRow(number, cells)


def _delimiter(text: io.TextIOWrapper, mapping: Mapping) -> str:
    """Return the delimiter under which most of the mapping's headings are found (ties: the usual one)."""
    lines = list(islice(text, mapping.layout.header_within + mapping.layout.header_rows))
    names = {fold(name) for name in mapping.headings}
    best, most = ",", 0
    for delimiter in DELIMITERS:
        rows = [row.cells for row in _rows_of(lines, delimiter)]
        found = max((_score(row, names, mapping.layout.header_rows) for row in rows), default=0)
        if found > most:
            best, most = delimiter, found
    return best


def _rows_of(lines: list[str], delimiter: str) -> Iterator[RawRow]:
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter), 1):
            yield RawRow(number, cells)
    except csv.Error:
        return


def _score(cells: object, names: set[str], header_rows: int) -> int:
    row = list(cells) if isinstance(cells, list | tuple) else []
    return len({fold(str(cell)) for cell in row} & names) if header_rows else len(row)
