"""Dirt that is no fault: the same table in other clothes gives the same records."""

from __future__ import annotations

import gzip
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from marketplace.engines.tables import Item, Record, Skipped, read_records
from tests.engines.tables.small_files import (
    CHINESE_HEAD,
    HEAD,
    OTHER,
    ROW,
    csv_table,
    items_of,
    mapping,
    repacked,
    text_table,
    with_cell,
    workbook,
)

WANTED = [
    {"ref": "R1", "buyer": "Lin", "product": "M8 bolt", "quantity": Decimal(200), "unit_price": Decimal("1.25")},
    {"ref": "R2", "buyer": "Bao", "product": "M10 nut", "quantity": Decimal(30), "unit_price": Decimal("0.5")},
]
DAYS = [date(2026, 7, 1), date(2026, 7, 2)]
TABLE = [HEAD, ROW, OTHER]
CHINESE = [CHINESE_HEAD, ROW, OTHER]


def records(items: list[Item]) -> list[dict[str, object]]:
    assert all(isinstance(item, Record | Skipped) for item in items), items
    return [dict(item.fields) for item in items if isinstance(item, Record)]


def merged_title(book: Any) -> None:
    sheet = book["Needs"]
    sheet.insert_rows(1, 3)
    sheet["A1"] = "Needs of July"
    sheet.merge_cells("A1:G2")


def false_dimension(parts: dict[str, bytes]) -> None:
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b'<dimension ref="A1:G3"', b'<dimension ref="A1:A1"')
    assert b'ref="A1:A1"' in parts[name]


def columns_moved(order: list[int]) -> list[list[str]]:
    return [[row[n] for n in order] for row in TABLE]


SAME = {
    "plain": csv_table(TABLE),
    "with a mark (BOM)": csv_table(TABLE, "utf-8-sig"),
    "utf-16, little end first": csv_table(TABLE, "utf-16"),
    "utf-16, big end first": "\ufeff".encode("utf-16-be") + csv_table(TABLE, "utf-16-be"),
    "utf-16 without a mark, little": csv_table(TABLE, "utf-16-le"),
    "utf-16 without a mark, big": csv_table(TABLE, "utf-16-be"),
    "utf-32": csv_table(TABLE, "utf-32"),
    "utf-16, Chinese": csv_table(CHINESE, "utf-16"),
    "utf-8, Chinese": csv_table(CHINESE),
    "gb18030": csv_table(CHINESE, "gb18030"),
    "gb2312": csv_table(CHINESE, "gb2312"),
    "gbk": csv_table(CHINESE, "gbk"),
    "packed": gzip.compress(csv_table(TABLE)),
    "packed gb18030": gzip.compress(csv_table(CHINESE, "gb18030")),
    "packed in two members": gzip.compress(csv_table(TABLE[:2])) + gzip.compress(csv_table(TABLE[2:])),
    "lines ended by CR LF": csv_table(TABLE, line_end="\r\n"),
    "lines ended by CR": csv_table(TABLE, line_end="\r"),
    "no end of the last line": csv_table(TABLE).rstrip(b"\n"),
    "semicolons": csv_table(TABLE, delimiter=";"),
    "tabs": csv_table(TABLE, delimiter="\t"),
    "bars": csv_table(TABLE, delimiter="|"),
    "columns moved": csv_table(columns_moved([6, 5, 4, 3, 2, 1, 0])),
    "columns moved, others between": csv_table([["No", *row[::-1], "Note"] for row in TABLE]),
    "headings in other case": csv_table([[name.upper() for name in HEAD], ROW, OTHER]),
    "headings with line ends and blanks": csv_table([[f" {name}\n" for name in HEAD], ROW, OTHER]),
    "headings of full width": csv_table([("Ｒｅｆ", "Ｂｕｙｅｒ", *HEAD[2:]), ROW, OTHER]),
    "headings with marks that show nothing": csv_table([["\u200b" + name + "\u202c" for name in HEAD], ROW, OTHER]),
    "titles above the header": csv_table([("Needs of July",), (), *TABLE]),
    "blank rows between": csv_table([HEAD, ROW, (), ("", " ", "\u200b"), OTHER, ("",) * 7]),
    "all cells quoted": "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in TABLE).encode(),
    "empty cells behind": csv_table([HEAD, (*ROW, "", ""), OTHER]),
    "full-width digits": csv_table([HEAD, with_cell("Qty", "２００"), OTHER]),
    "full-width number": csv_table([HEAD, with_cell("Price", "￥１．２５"), OTHER]),
    "full-width letters": csv_table([HEAD, with_cell("Item", "Ｍ８ bolt"), OTHER]),
    "signs of direction in a number": csv_table([HEAD, with_cell("Qty", "\u202e\u200f200\u202c"), OTHER]),
    "zero-width signs in a text": csv_table([HEAD, with_cell("Buyer", "L\u200bi\u200dn\ufeff"), OTHER]),
    "hard blanks": csv_table([HEAD, with_cell("Buyer", "\u00a0Lin\u3000"), OTHER]),
    "blanks between words": csv_table([HEAD, with_cell("Item", "M8   \n bolt"), OTHER]),
    "more digits than needed": csv_table([HEAD, with_cell("Qty", "200.000000"), OTHER]),
    "a currency sign": csv_table([HEAD, with_cell("Price", "¥1.25"), OTHER]),
    "a currency behind": csv_table([HEAD, with_cell("Price", "1.25 CNY"), OTHER]),
    "an exponent": csv_table([HEAD, with_cell("Qty", "2E+02"), OTHER]),
    "a plus sign": csv_table([HEAD, with_cell("Qty", "+200"), OTHER]),
    "a Chinese date": csv_table([HEAD, with_cell("Needed", "2026年7月1日"), OTHER]),
    "a month by name": csv_table([HEAD, with_cell("Needed", "1-Jul-26"), OTHER]),
    "a month by its whole name": csv_table([HEAD, with_cell("Needed", "01-JULY-26"), OTHER]),
    "a date with its time": csv_table([HEAD, with_cell("Needed", "2026-07-01T08:30:00+08:00"), OTHER]),
    "a serial date": csv_table([HEAD, with_cell("Needed", "46204"), OTHER]),
    "a serial date with its time": csv_table([HEAD, with_cell("Needed", "46204.75"), OTHER]),
    "workbook": workbook(TABLE),
    "workbook with real numbers": workbook([HEAD, with_cell("Qty", 200, with_cell("Price", 1.25)), OTHER]),
    "workbook with binary noise": workbook([HEAD, with_cell("Price", 1.2500000000000002), OTHER]),
    "workbook with a date": workbook([HEAD, with_cell("Needed", date(2026, 7, 1)), OTHER]),
    "workbook with a time": workbook([HEAD, with_cell("Needed", datetime(2026, 7, 1, 23, 59)), OTHER]),  # noqa: DTZ001
    "workbook with a serial date": workbook([HEAD, with_cell("Needed", 46204), OTHER]),
    "workbook with a merged title": workbook(TABLE, merged_title),
    "workbook with a false dimension": repacked(workbook(TABLE), false_dimension),
    "workbook with another sheet": workbook(TABLE, lambda book: book.create_sheet("Notes", 0).append(["hello"])),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_table_in_other_clothes_gives_the_same_records(name: str) -> None:
    found = records(items_of(SAME[name]))

    assert [{field: row[field] for field in WANTED[0]} for row in found] == WANTED
    assert [row["needed_from"] for row in found] == DAYS
    assert {row["currency"] for row in found} == {"CNY"}


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    content = csv_table([("title",), (), HEAD, with_cell("Item", "two\nlines"), (), OTHER])

    rows = [item.place.row for item in items_of(content) if isinstance(item, Record)]

    assert rows == [4, 6]


def test_a_header_without_rows_is_an_empty_table() -> None:
    assert items_of(csv_table([HEAD])) == []


def test_a_stream_is_not_closed() -> None:
    stream = io.BytesIO(SAME["plain"])
    reading = read_records(stream, mapping())
    next(reading)
    reading.close()

    assert not stream.closed


def test_a_hidden_sheet_is_left_out_by_name() -> None:
    def hide(book: Any) -> None:
        sheet = book.create_sheet("Old")
        sheet.append(HEAD)
        sheet.append(with_cell("Ref", "R9"))
        sheet.sheet_state = "veryHidden"

    found = items_of(workbook(TABLE, hide))

    assert [row["ref"] for row in records(found)] == ["R1", "R2"]
    assert [(item.place.sheet, item.rule) for item in found if isinstance(item, Skipped)] == [("Old", "hidden sheet")]


def test_a_declared_decimal_comma_reads_european_numbers() -> None:
    using = mapping('[numbers]\ndecimal = ","\nthousands = "."\n')
    content = csv_table([HEAD, with_cell("Qty", "1.234,5", with_cell("Price", "$ 0,75"))], delimiter=";")

    assert records(items_of(content, using))[0]["quantity"] == Decimal("1234.5")
    assert records(items_of(content, using))[0]["unit_price"] == Decimal("0.75")


def test_groups_of_three_digits_are_one_number() -> None:
    content = csv_table([HEAD, with_cell("Qty", "1,234,567.5", with_cell("Price", "1,000"))])

    assert records(items_of(content))[0]["quantity"] == Decimal("1234567.5")
    assert records(items_of(content))[0]["unit_price"] == 1000


def test_a_header_of_two_rows_with_merged_cells_is_put_together() -> None:
    def two_rows(book: Any) -> None:
        sheet = book["Needs"]
        sheet.insert_rows(1)
        sheet["D1"] = "Asked"
        sheet.merge_cells("D1:E1")

    using = mapping(
        "[file]\nheader_rows = 2\n", [('["Qty", "数量"]', '"Asked Qty"'), ('["Price", "单价"]', '"asked price"')]
    )

    found = records(items_of(workbook(TABLE, two_rows), using))

    assert [row["quantity"] for row in found] == [200, 30]


def test_a_table_without_a_header_is_read_by_letters() -> None:
    using = mapping(
        "[file]\nheader_rows = 0\n",
        [
            (f'["{english}", "{chinese}"]', f'"{letter}"')
            for english, chinese, letter in zip(HEAD, CHINESE_HEAD, "ABCDEFG", strict=True)
        ],
    )

    assert [row["ref"] for row in records(items_of(text_table([ROW, OTHER]).encode(), using))] == ["R1", "R2"]


def test_a_field_may_come_from_a_title_above_the_header() -> None:
    using = mapping(replaced=[('column = ["Buyer", "买方"]', "title = 'Buyer: *(.+)'")])
    content = csv_table([("Needs", "Buyer: Wenling Pumps"), HEAD, ROW])

    assert records(items_of(content, using))[0]["buyer"] == "Wenling Pumps"


def test_short_rows_may_be_declared_fine() -> None:
    using = mapping('[file]\nshort_rows = "fill"\n')

    assert [row["ref"] for row in records(items_of(csv_table([HEAD, ROW[:6]]), using))] == ["R1"]


def test_a_declared_encoding_is_taken_at_its_word() -> None:
    using = mapping('[file]\nencoding = "cp1252"\n')

    assert records(items_of(csv_table([HEAD, with_cell("Buyer", "Côte")], "cp1252"), using))[0]["buyer"] == "Côte"
