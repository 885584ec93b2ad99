"""Which encoding a text file is in, found by reading all of it once before any row is believed."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from marketplace.engines.tables.results import BadFile

CHUNK = 1 << 20
MOST_BYTES = 1 << 29  # of unpacked text
MOST_RATIO = 200  # unpacked to packed, looked at once the text passes RATIO_FROM
RATIO_FROM = 1 << 26

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class _Lent(io.RawIOBase):
    """A stream that is read but never closed: it belongs to the caller."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self.stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def unpacked(stream: BinaryIO) -> io.BufferedReader:
    """Return the stream from its beginning, through gzip when it is packed that way; closing it closes no file."""
    stream.seek(0)
    packed = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    raw: Any = gzip.GzipFile(fileobj=stream) if packed else _Lent(stream)
    return io.BufferedReader(raw, CHUNK)


def chunks(stream: BinaryIO, file: str) -> Iterator[bytes]:
    """Yield the unpacked bytes in large pieces.

    :raises BadFile: packed badly, cut short, too large, or a line longer than a piece (so: no table of lines).
    """
    packed_size = stream.seek(0, io.SEEK_END)
    seen = 0
    try:
        reader = unpacked(stream)
        while piece := reader.read(CHUNK):
            seen += len(piece)
            if seen > MOST_BYTES or (seen > RATIO_FROM and seen > packed_size * MOST_RATIO):
                raise BadFile(file=file, place=f"byte {seen}", reason="unpacks to far more than a table of this size")
            if len(piece) == CHUNK and b"\n" not in piece and b"\r" not in piece:
                raise BadFile(file=file, place=f"byte {seen}", reason=f"holds a line of more than {CHUNK} bytes")
            yield piece
    except EOFError as error:
        raise BadFile(file=file, place=f"byte {seen}", reason="the packed file ends too early") from error
    except (OSError, zlib.error) as error:
        raise BadFile(file=file, place=f"byte {seen}", reason=f"cannot be unpacked: {error}") from error


@dataclass
class _Attempt:
    """One encoding tried on the pieces as they come."""

    name: str
    failed: str = ""
    cut_short: bool = False
    foreign: set[str] = field(default_factory=set)
    _seen: int = 0
    _rows: int = 1

    def __post_init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder(self.name)()

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        if self.failed:
            return
        held = len(self._decoder.getstate()[0])
        try:
            text = self._decoder.decode(piece, last)
        except UnicodeDecodeError as error:
            at = max(error.start - held, 0)
            self.cut_short = last and error.reason == "unexpected end of data"
            self.failed = f"byte {self._seen + error.start - held + 1}, row {self._rows + piece[:at].count(10)}"
            return
        if not text.isascii() and len(self.foreign) < 5000:
            self.foreign |= {sign for sign in set(text) if sign > "\x7f"}
        self._seen += len(piece)
        self._rows += piece.count(b"\n")

    @property
    def looks_chinese(self) -> bool:
        """Whether most of what is not ASCII belongs to GB 2312; bytes of western tables misread never do."""
        common = sum(1 for sign in self.foreign if _in_gb2312(sign))
        return common * 10 >= len(self.foreign) * 7


def _in_gb2312(sign: str) -> bool:
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _candidates(head: bytes, declared: str) -> list[str]:
    if declared != "auto":
        return ["utf-8-sig" if declared.replace("_", "-").lower() in ("utf-8", "utf8") else declared]
    for mark, name in _MARKS:
        if head.startswith(mark):
            return [name]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 > len(head) // 2 and len(head) > 3:
        return ["utf-16-le" if odd > even else "utf-16-be"]
    return ["utf-8", "gb18030"]


def find_encoding(stream: BinaryIO, file: str, declared: str = "auto") -> str:
    """Return the encoding in which the whole of a (maybe packed) text file can be read.

    A mark (BOM) decides; without one, zero bytes mean UTF-16, else UTF-8 is tried and then GB18030.

    :raises BadFile: empty, cut short, too large, or not readable (the fact `place` names byte and row).
    """
    attempts: list[_Attempt] = []
    for piece in chunks(stream, file):
        attempts = attempts or [_Attempt(name) for name in _candidates(piece[:4096], declared)]
        for attempt in attempts:
            attempt.feed(piece)
    if not attempts:
        raise BadFile(file=file, reason="is empty")
    for attempt in attempts:
        attempt.feed(b"", last=True)
    first, *others = attempts
    if not first.failed:
        return first.name
    damaged = first.cut_short or len(first.foreign) > 3  # so much UTF-8 before the fault is no accident
    if others and not damaged and not others[0].failed and others[0].looks_chinese:
        return others[0].name
    tried = " nor ".join(attempt.name.upper() for attempt in attempts)
    advice = "save it as UTF-8 or declare its encoding"
    raise BadFile(file=file, place=first.failed, reason=f"is not {tried}: {advice}")
