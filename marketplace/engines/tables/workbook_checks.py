"""What is looked at before a workbook is opened: its sizes, and the parts that have no business in a table."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import BinaryIO
from xml.parsers import expat

from marketplace.engines.tables.results import BadFile

MOST_PARTS = 2_000
MOST_TOTAL = 1 << 28  # bytes, all parts unpacked, as the archive declares them (reading stops there)
MOST_TEXTS = 1 << 25  # bytes of the shared texts, which are kept in memory
MOST_RATIO = 100  # unpacked to packed, looked at in parts of more than RATIO_FROM
RATIO_FROM = 1 << 23

_REFUSED = (
    (re.compile(r"vbaProject|vbaData|xl/macrosheets/", re.IGNORECASE), "holds macros"),
    (re.compile(r"xl/(embeddings|activeX|ctrlProps)/", re.IGNORECASE), "holds embedded objects"),
    (re.compile(r"xl/connections\.xml|xl/queryTables/", re.IGNORECASE), "holds connections to outside data"),
)
_LINKS = re.compile(r"xl/externalLinks/", re.IGNORECASE)
_READ = re.compile(r"xl/(worksheets/[^/]+|sharedStrings|workbook|styles)\.xml", re.IGNORECASE)
_FORMULA = re.compile(rb"<(?:[A-Za-z0-9]+:)?f[ />]")
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError),
    *(EOFError, NotImplementedError, RuntimeError, OSError, ValueError),
)


def check_workbook(stream: BinaryIO, file: str, links: str = "refuse") -> bool:
    """Check a workbook before opening it; return whether any of its sheets holds formulas.

    links   `refuse` workbooks that link to others, or let their `cached` values be read

    Every part that will be read is read through once: its checksum holds, and it is XML to its end.

    :raises BadFile: broken, encrypted, too large when unpacked, or with parts that are refused.
    """
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            _check_sizes(parts, file)
            _check_parts(parts, file, links)
            read = [(part, _read_through(archive, part, file)) for part in parts if _READ.fullmatch(part.filename)]
            return any(formulas for part, formulas in read if "worksheets" in part.filename.lower())
    except _BROKEN as error:
        raise BadFile(file=file, reason=f"is a broken workbook: {error}") from error


def _check_sizes(parts: list[zipfile.ZipInfo], file: str) -> None:
    total = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS:
        raise BadFile(file=file, reason=f"has {len(parts)} parts, more than {MOST_PARTS}")
    if total > MOST_TOTAL:
        raise BadFile(file=file, reason=f"unpacks to {total} bytes, more than {MOST_TOTAL}")
    for part in parts:
        if part.file_size > RATIO_FROM and part.file_size > part.compress_size * MOST_RATIO:
            raise BadFile(
                file=file, place=part.filename, reason=f"unpacks {part.compress_size} bytes to {part.file_size}"
            )
        if part.filename.lower().endswith("sharedstrings.xml") and part.file_size > MOST_TEXTS:
            raise BadFile(file=file, place=part.filename, reason=f"unpacks to more than {MOST_TEXTS} bytes")


def _check_parts(parts: list[zipfile.ZipInfo], file: str, links: str) -> None:
    names = [part.filename for part in parts]
    for name in names:
        for pattern, reason in _REFUSED:
            if pattern.search(name):
                raise BadFile(file=file, place=name, reason=reason)
        if links == "refuse" and _LINKS.search(name):
            raise BadFile(file=file, place=name, reason="links to other workbooks")
    if any(part.flag_bits & 1 for part in parts):
        raise BadFile(file=file, reason="is encrypted")
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise BadFile(file=file, reason="is a ZIP archive, but no workbook")


def _read_through(archive: zipfile.ZipFile, part: zipfile.ZipInfo, file: str) -> bool:
    """Read a part to its end (so its checksum is verified) as XML without a doctype; say whether it has formulas."""
    parser = expat.ParserCreate()

    def no_doctype(*_: object) -> None:
        raise BadFile(file=file, place=part.filename, reason="declares a document type, which no workbook does")

    parser.StartDoctypeDeclHandler = no_doctype
    found, tail = False, b""
    with archive.open(part) as stream:
        while piece := stream.read(1 << 18):
            found = found or bool(_FORMULA.search(tail + piece))
            tail = piece[-16:]
            parser.Parse(piece)
        parser.Parse(b"", True)
    return found
