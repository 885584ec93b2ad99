"""Files that cannot be read as a table at all: one clear refusal, and nothing is yielded before it."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from marketplace.engines.tables import BadFile, Record, RowError, read_records
from tests.engines.tables.small_files import (
    HEAD,
    OTHER,
    ROW,
    csv_table,
    mapping,
    part_added,
    repacked,
    text_table,
    with_cell,
    workbook,
)

GOOD = csv_table([HEAD, ROW, OTHER])
PACKED = gzip.compress(csv_table([HEAD, *[with_cell("Ref", f"R{n}") for n in range(500)]]))
BOOK = workbook([HEAD, ROW])


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def hidden(book: Any) -> None:
    book.create_sheet("Notes")
    book["Needs"].sheet_state = "hidden"


def encrypted() -> bytes:
    at = BOOK.index(b"PK\x01\x02")
    content = bytearray(BOOK)
    while at != -1:
        content[at + 8] |= 1
        at = BOOK.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def with_entity() -> bytes:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    def change(parts: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet1.xml"
        parts[name] = bomb + parts[name].replace(b"</worksheet>", b"<x>&b;</x></worksheet>")

    return repacked(BOOK, change)


def only_the_rest(parts: dict[str, bytes]) -> None:
    for name in [name for name in parts if name.startswith("xl/")]:
        del parts[name]


def cut_sheet() -> bytes:
    def change(parts: dict[str, bytes]) -> None:
        parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:-40]

    return repacked(BOOK, change)


REFUSED: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "empty": (b"", "is empty"),
    "empty, packed": (gzip.compress(b""), "is empty"),
    "only a mark": (b"\xef\xbb\xbf", "no header row"),
    "only blank lines": (b"\n\n , , \n", "no header row"),
    "no such columns": (csv_table([("a", "b"), ("1", "2")]), "missing: 'Ref'"),
    "one column missing": (csv_table([HEAD[:5], ROW[:5]]), "missing: 'Needed', 'State'"),
    "header below the searched rows": (csv_table([("x",)] * 40 + [HEAD, ROW]), "no header row"),
    "heading twice": (csv_table([(*HEAD, "Qty"), (*ROW, "9")]), "'Qty' stands more than once (D and H)"),
    "gzip cut short": (PACKED[: len(PACKED) // 2], "ends too early"),
    "gzip without its end": (PACKED[:-5], "ends too early"),
    "gzip with a wrong sum": (flipped(PACKED, -8), "cannot be unpacked"),
    "gzip damaged inside": (flipped(PACKED, 40), "cannot be unpacked"),
    "gzip bomb": (lambda: gzip.compress(b"0,0\n" * (20 << 20)), "unpacks to far more"),
    "endless line": (b"a" * (3 << 20), "line of more than"),
    "western bytes": (csv_table([HEAD, with_cell("Buyer", "Côte d'Ivoire")], "cp1252"), "is not UTF-8 nor GB18030"),
    "utf-8 cut inside a letter": (
        csv_table([HEAD, with_cell("Buyer", "青岛")]).partition("岛".encode())[0] + b"\xe5",
        "is not UTF-8",
    ),
    "utf-8 with one broken byte": (
        csv_table([HEAD, with_cell("Buyer", "温州龙湾泵阀厂有限公司")])[:80] + b"\xff\n",
        "UTF-8",
    ),
    "utf-8 with encoded surrogates": (csv_table([HEAD]) + b"\xed\xa0\x80,x,x,1,1,2026-07-01,\n", "is not UTF-8"),
    "utf-16 with half a pair": (
        "\ufeff".encode("utf-16-le") + text_table([HEAD]).encode("utf-16-le") + b"\x00\xd8\n\x00",
        "UTF-16",
    ),
    "utf-16 cut short": (csv_table([HEAD, ROW], "utf-16")[:-1], "is not UTF-16"),
    "zeros only": (b"\x00" * 5000, "no header row"),
    "random bytes": (bytes(range(254, 0, -1)) * 40, "is not UTF-8"),
    "json": (b'[{"Ref": "R1"}]', "no header row"),
    "html": (b"<html><table><tr><td>Ref</td></tr></table></html>", "no header row"),
    "pdf": (b"%PDF-1.7 ...", "is a PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n....", "is a picture"),
    "old or encrypted workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old or encrypted"),
    "workbook cut short": (BOOK[: len(BOOK) // 2], "is a broken workbook"),
    "workbook with a damaged part": (flipped(BOOK, BOOK.index(b"sheet1.xml") + 120), "is a broken workbook"),
    "workbook encrypted by its archive": (encrypted(), "encrypted"),
    "archive that is no workbook": (repacked(BOOK, only_the_rest), "no workbook"),
    "workbook bomb": (lambda: part_added("xl/worksheets/sheet9.xml", b" " * (60 << 20)), "unpacks"),
    "workbook with a bomb of texts": (
        lambda: part_added("xl/sharedStrings.xml", b"<si><t>x</t></si>" * (3 << 20)),
        "unpacks",
    ),
    "workbook of countless parts": (
        lambda: repacked(BOOK, lambda parts: parts.update({f"x/{n}": b"" for n in range(2500)})),
        "parts",
    ),
    "workbook with macros": (part_added("xl/vbaProject.bin"), "holds macros"),
    "workbook with old macros": (part_added("xl/macrosheets/sheet1.xml"), "holds macros"),
    "workbook with an embedded object": (part_added("xl/embeddings/oleObject1.bin"), "embedded objects"),
    "workbook with controls": (part_added("xl/activeX/activeX1.xml"), "embedded objects"),
    "workbook with connections": (part_added("xl/connections.xml"), "connections"),
    "workbook linking to another": (part_added("xl/externalLinks/externalLink1.xml"), "links to other workbooks"),
    "workbook with entities": (with_entity(), "declares a document type"),
    "workbook with a cut sheet": (cut_sheet(), "is a broken workbook"),
    "workbook without the table": (workbook([("a", "b"), (1, 2)]), "missing: 'Ref'"),
    "workbook whose only table is hidden": (workbook([HEAD, ROW], hidden), "hidden sheets were left out: Needs"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_with_its_name_and_reason_before_any_record(name: str) -> None:
    content, reason = REFUSED[name]
    stream = io.BytesIO(content() if callable(content) else content)
    yielded: list[Any] = []

    with pytest.raises(BadFile) as refusal:
        yielded.extend(read_records(stream, mapping(), "needs.csv"))

    assert refusal.value.facts["file"] == "needs.csv"
    assert reason in str(refusal.value.facts["reason"])
    assert not any(isinstance(item, Record | RowError) for item in yielded)


def test_the_place_of_a_wrong_byte_is_named_by_byte_and_row() -> None:
    content = csv_table([HEAD, ROW, with_cell("Buyer", "Côte")], "cp1252")

    with pytest.raises(BadFile) as refusal:
        list(read_records(io.BytesIO(content), mapping()))

    assert refusal.value.facts["place"] == f"byte {content.index(0xF4) + 1}, row 3"


def test_the_place_is_right_beyond_the_first_piece_too() -> None:
    rows = [with_cell("Ref", f"R{n}") for n in range(40_000)]
    content = csv_table([HEAD, *rows]) + "R,Côte,x,1,1,2026-07-01,\n".encode("cp1252")

    with pytest.raises(BadFile) as refusal:
        list(read_records(io.BytesIO(content), mapping()))

    assert len(content) > 1 << 20
    assert refusal.value.facts["place"] == f"byte {content.index(0xF4) + 1}, row 40002"


def test_a_missing_file_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refusal:
        list(read_records(tmp_path / "nothing.csv", mapping()))

    assert refusal.value.facts == {
        "file": "nothing.csv",
        "place": "",
        "reason": "cannot be opened: No such file or directory",
    }


def test_a_hidden_table_may_be_declared_a_refusal_or_be_read() -> None:
    content = workbook([HEAD, ROW], hidden)

    with pytest.raises(BadFile) as refusal:
        list(read_records(io.BytesIO(content), mapping('[file]\nhidden = "refuse"\n')))
    assert refusal.value.facts["place"] == "Needs"

    read = list(read_records(io.BytesIO(content), mapping('[file]\nhidden = "read"\n')))
    assert [item.fields["ref"] for item in read if isinstance(item, Record)] == ["R1"]


def test_traditional_headings_in_big5_are_refused_not_guessed() -> None:
    content = csv_table([("編號", "買方", "品名", "數量", "單價", "需求日期", "狀態"), ROW], "big5")

    with pytest.raises(BadFile):
        list(read_records(io.BytesIO(content), mapping()))
