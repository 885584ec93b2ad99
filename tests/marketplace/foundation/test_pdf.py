"""Documents carry their glyphs, Chinese ones too, on whatever machine they are written and read."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime

from marketplace.foundation.pdf import Sheet, Table, write_pdf

SHEET = Sheet(
    title="采购订单 Purchase order",
    ref="PO-2026-0001",
    made_at=datetime(2026, 3, 2, 4, tzinfo=UTC),
    facts=[("供应商", "腾达铸造有限公司"), ("Hidden", "a\u202eb\x00c\u200b")],
    tables=[Table(["Product", "Quantity"], [["离心泵", str(n)] for n in range(80)], [3, 1], [1])],
    totals=[("Total", "CNY 1,200.00")],
    notes=["镕 and é and €"],
    language="zh-hans",
)


def unpacked(document: bytes) -> bytes:
    """Return a document with all its streams unpacked."""
    found = [document]
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", document, re.S):
        try:
            found.append(zlib.decompress(match.group(1)))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_embeds_the_glyphs_it_uses_and_no_more() -> None:
    document = write_pdf(SHEET)

    assert document.startswith(b"%PDF-")
    assert document.count(b"/FontFile3") == 1
    assert b"/ToUnicode" in document
    assert len(document) < 60_000


def test_can_be_searched_for_its_chinese_words() -> None:
    written = unpacked(write_pdf(SHEET)).upper()

    for sign in "采购订单腾达铸造离心泵镕":
        assert f"<{ord(sign):04X}>".encode() in written


def test_goes_on_over_pages_and_is_the_same_twice() -> None:
    document = write_pdf(SHEET)

    assert len(re.findall(rb"/Type /Page\b", document)) >= 2
    assert document == write_pdf(SHEET)


def test_an_empty_sheet_is_a_page_with_its_title() -> None:
    assert write_pdf(Sheet("T", "R", SHEET.made_at)).startswith(b"%PDF-")
