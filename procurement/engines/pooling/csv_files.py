"""The two CSV files of a market read as bytes, and the decision written: no object a line."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from marketplace.kernel.refusals import BadValue
from procurement.engines.pooling.compiled import Integers, compiled
from procurement.engines.pooling.market import COLUMNS, TIER_COLUMNS, Market, market_of, tariffs_of

Octets = NDArray[np.uint8]


def read_market(lines: bytes, tiers: bytes) -> Market:
    """Read a market from the bytes of its two files.

    lines   header `line,product,region,quantity,earliest,deadline,ceiling`, then integers >= 0, at most 15 digits
    tiers   header `product,from,price`, the same
    Rows end with a newline, or a return and a newline; the last may lack it. `sha256` is of both, one after the other.

    :raises BadValue: with file, row, column, value and reason, for anything else (market.py has the rules of the values).
    """
    digest = hashlib.sha256(lines)
    digest.update(tiers)
    columns = read_columns(tiers, TIER_COLUMNS, "tiers.csv")
    tariffs = tariffs_of(*columns, where="tiers.csv")
    return market_of(read_columns(lines, COLUMNS, "lines.csv"), tariffs, digest.hexdigest(), "lines.csv")


def read_columns(text: bytes, names: tuple[str, ...], file: str) -> list[Integers]:
    """Read integers by column; the header must be `names`.

    :raises BadValue: with file, row, column, value and reason.
    """
    head, _, body = text.partition(b"\n")
    if head.rstrip(b"\r") != ",".join(names).encode():
        shown = head[:80].decode("utf-8", "replace")
        raise BadValue(place=f"{file}, row 1", value=shown, reason=f"the header is not {','.join(names)}")
    octets = np.frombuffer(body, np.uint8)
    table = np.empty((len(names), body.count(b"\n") + 1), np.int64)
    rows, at, column, why = parse(octets, table)
    if why:
        end = at
        while end < len(body) and body[end] not in b",\r\n":
            end += 1
        value = body[at:end][:40].decode("utf-8", "replace")
        place = f"{file}, row {rows + 2}, column {names[min(column, len(names) - 1)]}"
        raise BadValue(place=place, value=value, reason=_WHY[why])
    return [np.ascontiguousarray(one[:rows]) for one in table]


_WHY = ("", "not an integer", "negative", "too large", "too few columns", "too many columns")


@compiled
def parse(octets: Octets, table: Integers) -> tuple[int, int, int, int]:
    """Read rows of integers into columns; return the rows read and, if one is wrong, where, its column and why."""
    columns, size = table.shape[0], len(octets)
    at = row = 0
    while at < size:
        if octets[at] == 10 or (octets[at] == 13 and at + 1 < size and octets[at + 1] == 10 and at + 2 == size):
            return row, at, 0, 1 if octets[at] == 10 and at + 1 < size else 0
        for column in range(columns):
            begin, value = at, 0
            while at < size and 48 <= octets[at] <= 57:
                value = value * 10 + octets[at] - 48
                at += 1
                if at - begin > 15:
                    return row, begin, column, 3
            if at == begin or (at < size and octets[at] != 44 and octets[at] != 13 and octets[at] != 10):
                return row, begin, column, 2 if at < size and octets[at] == 45 else 1
            table[column, row] = value
            if column + 1 < columns:
                if at >= size or octets[at] != 44:
                    return row, begin, column, 4
                at += 1
        if at < size and octets[at] == 44:
            return row, at, columns - 1, 5
        if at < size and octets[at] == 13:
            at += 1
            if at < size and octets[at] != 10:
                return row, at, columns - 1, 1
        at += 1
        row += 1
    return row, at, 0, 0


def write_pools(path: Path, market: Market, closing: Integers) -> None:
    """Write `line,closing_day`, one row a line, the day empty for who is left out (-1)."""
    path.write_bytes(b"line,closing_day\n" + rows_text([market.line, closing]))


def rows_text(columns: Sequence[Integers]) -> bytes:
    """Return columns of integers >= 0 as CSV rows without a header; -1 stands for nothing and is written so."""
    table = np.stack(columns)
    octets = np.empty(table.size * 17 + 1, np.uint8)
    return octets[: print_table(table, octets)].tobytes()


@compiled
def print_table(table: Integers, octets: Octets) -> int:
    """Print columns of at most 16 digits as text; return how many bytes."""
    at = 0
    last = table.shape[0] - 1
    for row in range(table.shape[1]):
        for column in range(last + 1):
            if table[column, row] >= 0:
                at = _print(table[column, row], octets, at)
            octets[at] = 44 if column < last else 10
            at += 1
    return at


@compiled
def _print(value: int, octets: Octets, at: int) -> int:
    digits = 1
    rest = value
    while rest >= 10:
        rest //= 10
        digits += 1
    for place in range(at + digits - 1, at - 1, -1):
        octets[place] = 48 + value % 10
        value //= 10
    return at + digits
