"""Files are taken by what they are, and never with what may do harm."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import openpyxl
import pytest

from marketplace.foundation.attachments import LARGEST, BadAttachment, check_attachment

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<<>>\n%%EOF\n"


def xlsx(**parts: bytes) -> bytes:
    """Return a workbook, with more parts in it: `xl_vbaProject_bin=...` for xl/vbaProject.bin."""
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            folder, _gap, rest = name.partition("_")
            archive.writestr(f"{folder}/{rest.replace('_', '.')}", content)
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))


def pdf_with(stream: bytes) -> bytes:
    """Return a document with a packed stream."""
    return PDF.replace(b"trailer", b"stream\n" + zlib.compress(stream) + b"\nendstream\ntrailer")


JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x00\x00\x00"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("drawing.pdf", PDF, "application/pdf"),
        ("图纸.PDF", PDF, "application/pdf"),
        ("photo.png", png(640, 480), "image/png"),
        ("photo.JPG", JPEG, "image/jpeg"),
        ("list.csv", "品名,数量\n螺栓,5\n".encode("gb18030"), "text/csv"),
        ("note.txt", b"ready on Monday\n", "text/plain"),
        ("list.xlsx", xlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_is_taken(name: str, content: bytes, kind: str) -> None:
    assert check_attachment(name, content).media_type == kind


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.txt", b"", "between 1 byte"),
        ("large.txt", b"a" * (LARGEST + 1), "between 1 byte"),
        ("run.exe", b"MZ", "only PDF"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "only PDF"),
        ("macro.xlsm", xlsx(), "only PDF"),
        ("page.svg", b"<svg onload=alert(1)>", "only PDF"),
        ("renamed.pdf", b"MZ\x90\0", "not what its name says"),
        ("renamed.png", b"GIF89a", "not what its name says"),
        ("renamed.jpg", b"\xff\xd8\xff\xe0\x00", "not what its name says"),
        ("renamed.txt", b"\x00\x01\x02", "not what its name says"),
        ("renamed.docx", xlsx(), "not what its name says"),
        ("broken.xlsx", xlsx()[:200], "not what its name says"),
        ("macro.xlsx", xlsx(xl_vbaProject_bin=b"x"), "macros"),
        ("linked.xlsx", xlsx(xl_externalLinks_a=b"").replace(b"externalLinks.a", b"externalLinks/a"), "macros"),
        ("bomb.xlsx", xlsx(xl_bomb_xml=b"\0" * (30 * 2**20)), "unpacks to too much"),
        ("bomb.png", png(60_000, 60_000), "unpacks to too much"),
        ("script.pdf", PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript>>"), "scripts"),
        ("script.pdf", PDF.replace(b"/Catalog", b"/Catalog/#4a#53(x)"), "scripts"),
        ("locked.pdf", PDF.replace(b"trailer<<", b"trailer<</Encrypt 5 0 R"), "scripts"),
        ("hidden.pdf", pdf_with(b"<</JS(x)>>"), "scripts"),
        ("bomb.pdf", pdf_with(b"\0" * (101 * 2**20)), "unpacks"),
        ("...", PDF, "name"),
        ("a" * 201 + ".pdf", PDF, "name"),
    ],
)  # fmt: skip
def test_is_refused(name: str, content: bytes, why: str) -> None:
    with pytest.raises(BadAttachment, match=why):
        check_attachment(name, content)


def test_a_name_loses_its_path_and_the_marks_that_turn_it_around() -> None:
    assert check_attachment("..\\..\\etc/\u202edraw\ting.pdf", PDF).file_name == "drawing.pdf"
