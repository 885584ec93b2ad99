"""Files that people attach to things: which kinds are taken, and what may not be inside them.

The kind is told by the bytes, never by the name alone; a name that says something else is refused.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass

from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop

LARGEST = 5 * 2**20  # bytes of one file
MOST_PARTS = 2_000  # of an office document
MOST_UNPACKED = 100 * 2**20  # bytes of all its parts
MOST_RATIO = 200  # unpacked to packed, of parts above 1 MiB
MOST_PIXELS = 60_000_000  # of a picture

OFFICE = {
    ".xlsx": ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".docx": ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
TEXTS = {".csv": "text/csv", ".txt": "text/plain"}
TAKEN = "PDF, PNG, JPEG, XLSX, DOCX, CSV, TXT"
_ACTIVE = re.compile(r"vbaProject|vbaData|macrosheets/|activeX/|embeddings/|ctrlProps/|externalLinks/|oleObject", re.I)
_PDF_ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|OpenAction|AA|XFA|Encrypt)(?![A-Za-z])", re.I
)
_PDF_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.S)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    struct.error,
)


class BadAttachment(Refusal):
    """A file that is not taken: its kind, its size, or what is inside it."""

    code = "bad_attachment"
    status = 400
    words = gettext_noop("{file} is not taken: {reason}.")


@dataclass(frozen=True)
class Attachment:
    """A file that may be kept: its name without a path, and its kind."""

    file_name: str
    media_type: str


def check_attachment(file_name: str, content: bytes) -> Attachment:
    """Return a file's clean name and kind.

    :raises BadAttachment: empty, larger than 5 MiB, of another kind than its name says or one that is not taken, with
        macros, scripts, embedded files, or bigger inside than it may be.
    """
    name = _clean(file_name)
    if not 0 < len(content) <= LARGEST:
        raise BadAttachment(file=name, reason=gettext_noop("between 1 byte and 5 MiB are taken"))
    ending = "." + name.rpartition(".")[2].lower() if "." in name else ""
    if ending in OFFICE:
        return Attachment(name, _office(name, ending, content))
    if ending == ".pdf":
        return Attachment(name, _pdf(name, content))
    if ending in {".png", ".jpg", ".jpeg"}:
        return Attachment(name, _picture(name, ending, content))
    if ending in TEXTS:
        return Attachment(name, _text(name, ending, content))
    raise BadAttachment(file=name, reason=gettext_noop("only PDF, PNG, JPEG, XLSX, DOCX, CSV and TXT are taken"))


def _clean(file_name: str) -> str:
    """Return the name without its path and without signs that hide or turn what it says."""
    bare = file_name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in bare if sign.isprintable() and sign not in '"<>|:*?').strip(". ")
    if not shown or len(shown) > 200:
        raise BadAttachment(file=file_name[:40], reason=gettext_noop("its name needs between 1 and 200 characters"))
    return shown


def _office(name: str, ending: str, content: bytes) -> str:
    folder, media_type = OFFICE[ending]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_parts(name, folder, parts)
            unpacked = 0
            for part in parts:
                unpacked += _unpacked(archive, part, MOST_UNPACKED - unpacked)
                if unpacked > MOST_UNPACKED:
                    raise BadAttachment(file=name, reason=gettext_noop("it unpacks to too much"))
            types = archive.read("[Content_Types].xml")
    except KeyError:
        raise BadAttachment(file=name, reason=gettext_noop("it is not what its name says")) from None
    except _BROKEN:
        raise BadAttachment(file=name, reason=gettext_noop("it is broken, or not what its name says")) from None
    if b"macroEnabled" in types or b"vbaProject" in types:
        raise BadAttachment(file=name, reason=gettext_noop("it holds macros or embedded objects"))
    return media_type


def _check_parts(name: str, folder: str, parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename for part in parts]
    if "[Content_Types].xml" not in names or not any(one.startswith(folder) for one in names):
        raise BadAttachment(file=name, reason=gettext_noop("it is not what its name says"))
    if any(part.flag_bits & 1 for part in parts):
        raise BadAttachment(file=name, reason=gettext_noop("it is encrypted"))
    if any(_ACTIVE.search(one) for one in names):
        raise BadAttachment(file=name, reason=gettext_noop("it holds macros or embedded objects"))
    too_much = sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS
    if too_much or any(part.file_size > max(2**20, part.compress_size * MOST_RATIO) for part in parts):
        raise BadAttachment(file=name, reason=gettext_noop("it unpacks to too much"))


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    """Return how many bytes a part really unpacks to, reading no further than one above `most`."""
    size = 0
    with archive.open(part) as stream:
        while size <= most and (piece := stream.read(2**16)):
            size += len(piece)
    return size


def _pdf(name: str, content: bytes) -> str:
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise BadAttachment(file=name, reason=gettext_noop("it is broken, or not what its name says"))
    left = MOST_UNPACKED
    for body in (content, *(match.group(1) for match in _PDF_STREAM.finditer(content))):
        text, left = (body, left) if body is content else _inflated(name, body, left)
        if _PDF_ACTIVE.search(_names_unescaped(text)):
            raise BadAttachment(file=name, reason=gettext_noop("it holds scripts, embedded files or a password"))
    return "application/pdf"


def _inflated(name: str, body: bytes, left: int) -> tuple[bytes, int]:
    """Return a stream's bytes where they are packed plainly, and how much may still be unpacked."""
    opener = zlib.decompressobj()
    try:
        text = opener.decompress(body, left)
    except zlib.error:
        return b"", left
    if opener.unconsumed_tail:
        raise BadAttachment(file=name, reason=gettext_noop("it unpacks to too much"))
    looks_like_objects = text if b"/Type" in text or b"<<" in text else b""
    return looks_like_objects, left - len(text)


def _names_unescaped(text: bytes) -> bytes:
    """Return a PDF's text with names written plainly: /J#53 is /JS."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found.group(1), 16)]), text)


def _picture(name: str, ending: str, content: bytes) -> str:
    try:
        if ending == ".png":
            if not content.startswith(b"\x89PNG\r\n\x1a\n") or content[12:16] != b"IHDR":
                raise ValueError
            size = struct.unpack(">II", content[16:24])
        else:
            size = _jpeg_size(content)
    except _BROKEN:
        raise BadAttachment(file=name, reason=gettext_noop("it is broken, or not what its name says")) from None
    if not 0 < size[0] * size[1] <= MOST_PIXELS:
        raise BadAttachment(file=name, reason=gettext_noop("it unpacks to too much"))
    return "image/png" if ending == ".png" else "image/jpeg"


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Return width and height from the first frame of a JPEG."""
    if not content.startswith(b"\xff\xd8\xff"):
        raise ValueError
    at = 2
    while True:
        marker, length = struct.unpack(">HH", content[at : at + 4])
        if 0xFFC0 <= marker <= 0xFFCF and marker not in {0xFFC4, 0xFFC8, 0xFFCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        if marker < 0xFFC0:
            raise ValueError
        at += 2 + length


def _text(name: str, ending: str, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(ord(sign) < 32 and sign not in "\t\r\n\f" for sign in text):
            break
        return TEXTS[ending]
    raise BadAttachment(file=name, reason=gettext_noop("it is broken, or not what its name says"))
