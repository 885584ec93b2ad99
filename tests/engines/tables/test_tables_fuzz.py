"""Whatever bytes come in: records, named errors, named skips, or one refusal. Nothing else, ever."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.engines.tables import (
    BadFile,
    Item,
    Record,
    RowError,
    Skipped,
    load_mapping,
    read_records,
    read_schedules,
)
from tests.engines.tables.small_files import CHINESE_HEAD, HEAD, OTHER, ROW, csv_table, mapping, workbook

CSV = csv_table([HEAD, ROW, OTHER])
SEEDS = {
    "csv": CSV,
    "gb18030": csv_table([CHINESE_HEAD, ROW, OTHER], "gb18030"),
    "utf-16": csv_table([HEAD, ROW, OTHER], "utf-16"),
    "gzip": gzip.compress(CSV),
    "workbook": workbook([HEAD, ROW, OTHER, ("R3", "=1+1", 3, 4.5, True)]),
}


def read(content: bytes) -> None:
    with warnings.catch_warnings(), contextlib.suppress(BadFile):
        warnings.simplefilter("ignore")
        check(list(read_records(io.BytesIO(content), mapping(), "fuzz")))


def check(items: list[Item]) -> None:
    for item in items:
        assert isinstance(item, Record | RowError | Skipped)
        if isinstance(item, RowError):
            assert item.row
            assert item.reason


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_answered_for(kind: str, seed: int) -> None:
    chance = random.Random(f"{kind} {seed}")
    content = bytearray(SEEDS[kind])
    for _ in range(chance.choice((1, 2, 8))):
        at = chance.randrange(len(content))
        what = chance.choice(("flip", "cut", "double", "insert", "end"))
        if what == "flip":
            content[at] = chance.randrange(256)
        elif what == "cut":
            del content[at : at + chance.randrange(1, 9)]
        elif what == "double":
            content[at:at] = content[at : at + 40]
        elif what == "insert":
            content[at:at] = chance.choice((b"\x00", b'"', b"\n", b"\xff\xfe", "\u202e".encode(), b",", b"=1+1"))
        elif len(content) > 40:
            del content[at + 20 :]

    read(bytes(content))


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_answered_for(content: bytes) -> None:
    read(content)


@given(st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=8))
@settings(max_examples=100, deadline=None)
def test_any_cells_below_the_header_are_answered_for(rows: list[list[str]]) -> None:
    try:
        content = csv_table([HEAD, *rows])
    except UnicodeEncodeError:
        return
    read(content)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_tabulation_is_answered_for(seed: int) -> None:
    chance = random.Random(seed)
    rows: list[list[object]] = [
        ["PORT", None, None, None, "Teng", None, "Engineer's Estimate", None],
        ["Item No.", "Item Description", "Quantity", "Unit", "Unit Price", "Total Price", "Unit Price", "Total Price"],
        ["1", "Pipe", 3, "LF", 1.5, 4.5, 2, 6],
        [None, "Total Amount", None, None, None, 4.5, None, 6],
    ]
    for _ in range(3):
        row = chance.choice(rows)
        row[chance.randrange(len(row))] = chance.choice((None, "#REF!", -1, "x", 1e300, True, "=A1", 0, "Total Amount"))
    try:
        found = list(read_schedules(io.BytesIO(workbook(rows)), load_mapping("tenders_pdx")))
    except BadFile:
        return
    assert found
