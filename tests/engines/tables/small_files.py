"""Small tables written by the tests themselves, and the mapping that reads them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook, load_workbook

from marketplace.engines.tables import Item, Mapping, parse_mapping, read_records

MAPPING = """
kind = "demand"
key = ["ref"]

[constants]
currency = "CNY"

[[skip]]
name = "cancelled"
column = ["State", "状态"]
equals = ["cancelled", "取消"]

[fields.ref]
column = ["Ref", "编号"]
required = true

[fields.buyer]
column = ["Buyer", "买方"]
required = true

[fields.product]
column = ["Item", "品名"]
required = true
normal = "NFKC"

[fields.quantity]
column = ["Qty", "数量"]
type = "number"
required = true
above = 0

[fields.unit_price]
column = ["Price", "单价"]
type = "number"
signs = ["¥", "$", "CNY"]
min = 0

[fields.needed_from]
column = ["Needed", "需求日期"]
type = "date"
required = true
formats = ["YYYY-MM-DD", "YYYY年M月D日", "D-MMM-YY", "D/M/YYYY", "iso", "excel"]
century = 2000
"""

HEAD = ("Ref", "Buyer", "Item", "Qty", "Price", "Needed", "State")
CHINESE_HEAD = ("编号", "买方", "品名", "数量", "单价", "需求日期", "状态")
ROW = ("R1", "Lin", "M8 bolt", "200", "1.25", "2026-07-01", "")
OTHER = ("R2", "Bao", "M10 nut", "30", "0.5", "2026-07-02", "")

Rows = Sequence[Sequence[Any]]


def with_cell(column: str, value: Any, row: Sequence[Any] = ROW) -> tuple[Any, ...]:
    """The usual row with one cell changed."""
    return tuple(value if name == column else cell for name, cell in zip(HEAD, row, strict=True))


def quoted(cell: Any) -> str:
    text = str(cell)
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',;\t|"\n') else text


def text_table(rows: Rows, delimiter: str = ",", line_end: str = "\n") -> str:
    return "".join(delimiter.join(quoted(cell) for cell in row) + line_end for row in rows)


def csv_table(rows: Rows, encoding: str = "utf-8", delimiter: str = ",", line_end: str = "\n") -> bytes:
    return text_table(rows, delimiter, line_end).encode(encoding)


def workbook(rows: Rows, shape: Callable[[Workbook], None] | None = None) -> bytes:
    """A workbook with the rows in its first sheet; `shape` does more to it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Needs"
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    if shape:
        shape(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(book: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The workbook with its parts changed behind the spreadsheet's back."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def part_added(name: str, content: bytes = b"x") -> bytes:
    return repacked(workbook([HEAD, ROW]), lambda parts: parts.update({name: content}))


def mapping(extra: str = "", replaced: Sequence[tuple[str, str]] = ()) -> Mapping:
    text = MAPPING
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    return parse_mapping(text + extra, "small")


def items_of(content: bytes, using: Mapping | None = None) -> list[Item]:
    return list(read_records(io.BytesIO(content), using or mapping(), "small"))


__all__ = [
    "CHINESE_HEAD",
    "HEAD",
    "OTHER",
    "ROW",
    "csv_table",
    "items_of",
    "load_workbook",
    "mapping",
    "part_added",
    "repacked",
    "text_table",
    "with_cell",
    "workbook",
]
