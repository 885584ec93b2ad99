"""Which files a tender takes: plain papers, nothing that runs, nothing that swells.

A file is known by its first bytes, never by what it is called. Office files of today are ZIP archives: their table of
contents is read, nothing is unpacked but the list of content types. Older Office files are refused, since macros hide
in them. A PDF is searched for what makes it act; parts that are compressed are not unpacked for that.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop

LARGEST = 20 * 2**20  # bytes of one paper
MOST_PARTS = 2_000
MOST_TOTAL = 200 * 2**20  # bytes unpacked
MOST_RATIO = 100  # unpacked to packed, for parts of more than RATIO_FROM bytes
RATIO_FROM = 2**20
MOST_TYPES = 2**20  # bytes of [Content_Types].xml

_OFFICE = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_MACROS = re.compile(r"vbaProject|vbaData|macrosheets/|dialogsheets/", re.IGNORECASE)
_OBJECTS = re.compile(r"/(embeddings|activeX|ctrlProps)/|oleObject", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(zip|7z|rar|gz|tar|exe|dll|js|vbs|bat|cmd|ps1|scr|jar)$", re.IGNORECASE)
_ACTS = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


def examine(file_name: str, content: bytes) -> str:
    """Return the kind of a file that a tender takes: pdf, docx, xlsx, pptx, png, jpg, or txt.

    :raises BadValue: empty or too large, of another kind, with macros or objects, broken, encrypted, or a bomb.
    """
    if not content:
        raise _refused(file_name, 0, gettext_noop("is empty"))
    if len(content) > LARGEST:
        raise _refused(file_name, len(content), gettext_noop("is larger than 20 MiB"))
    kind = _kind(file_name, content)
    if file_name.rsplit(".", 1)[-1].lower() not in _NAMES[kind]:
        raise _refused(file_name, kind, gettext_noop("is not what its name says"))
    return kind


_NAMES = {
    "pdf": {"pdf"},
    "docx": {"docx"},
    "xlsx": {"xlsx"},
    "pptx": {"pptx"},
    "png": {"png"},
    "jpg": {"jpg", "jpeg"},
    "txt": {"txt", "csv", "md"},
}


def _kind(name: str, content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        if _ACTS.search(content):
            raise _refused(name, "pdf", gettext_noop("holds scripts, launches or other files"))
        return "pdf"
    if content.startswith(b"PK"):
        return _office(name, content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused(name, "ole", gettext_noop("is an old Office file, in which macros hide: save it anew"))
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    return _text(name, content)


def _text(name: str, content: bytes) -> str:
    try:
        said = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(name, "", gettext_noop("is of no kind that is taken")) from None
    if any(ord(letter) < 32 and letter not in "\t\r\n\f" for letter in said):
        raise _refused(name, "", gettext_noop("is of no kind that is taken"))
    return "txt"


def _office(name: str, content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_sizes(name, parts)
            _check_parts(name, parts)
            _check_types(name, archive)
    except _BROKEN as error:
        raise _refused(name, type(error).__name__, gettext_noop("is a broken file")) from None
    for folder, kind in _OFFICE.items():
        if any(part.filename.startswith(folder) for part in parts):
            return kind
    raise _refused(name, "zip", gettext_noop("is an archive, no paper"))


def _check_sizes(name: str, parts: list[zipfile.ZipInfo]) -> None:
    total = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS:
        raise _refused(name, len(parts), gettext_noop("has too many parts"))
    if total > MOST_TOTAL:
        raise _refused(name, total, gettext_noop("swells when it is unpacked"))
    for part in parts:
        if part.file_size > RATIO_FROM and part.file_size > part.compress_size * MOST_RATIO:
            raise _refused(name, part.filename, gettext_noop("swells when it is unpacked"))


def _check_parts(name: str, parts: list[zipfile.ZipInfo]) -> None:
    for part in parts:
        if part.flag_bits & 1:
            raise _refused(name, part.filename, gettext_noop("is encrypted"))
        if _MACROS.search(part.filename):
            raise _refused(name, part.filename, gettext_noop("holds macros"))
        if _OBJECTS.search(part.filename) or _ARCHIVE.search(part.filename):
            raise _refused(name, part.filename, gettext_noop("holds embedded objects"))


def _check_types(name: str, archive: zipfile.ZipFile) -> None:
    """Look for macros under another name: the list of content types must tell of every part."""
    if "[Content_Types].xml" not in archive.namelist():
        raise _refused(name, "zip", gettext_noop("is an archive, no paper"))
    with archive.open("[Content_Types].xml") as stream:
        types = stream.read(MOST_TYPES)
    if b"macroEnabled" in types or b"vbaProject" in types or b"\0m\0a\0c\0r\0o" in types:
        raise _refused(name, "[Content_Types].xml", gettext_noop("holds macros"))


def _refused(name: str, value: object, reason: str) -> BadValue:
    return BadValue(place=name, value=value, reason=reason)
