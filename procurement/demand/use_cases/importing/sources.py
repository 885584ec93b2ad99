"""Which files an import reads, and how each is told from every other."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from marketplace.engines.tables import BadFile
from marketplace.engines.tables.encodings import MOST_BYTES, unpacked

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz", ".xlsx")
PIECE = 1 << 20


@dataclass(frozen=True)
class Source:
    """One file to read: a path, or a stream that can seek."""

    content: Path | BinaryIO
    name: str

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Yield the file, opened.

        :raises BadFile: it cannot be.
        """
        if not isinstance(self.content, Path):
            yield self.content
            return
        try:
            stream = self.content.open("rb")
        except OSError as error:
            raise BadFile(file=self.name, reason=f"cannot be opened: {error.strerror}") from error
        with stream:
            yield stream


def sources(path: str | Path | BinaryIO, name: str = "") -> list[Source]:
    """Return the file, or every table of a folder (CSV, packed or not, and XLSX) by name.

    :raises BadFile: the folder holds no table.
    """
    if not isinstance(path, str | Path):
        return [Source(path, name or "upload")]
    path = Path(path)
    if not path.is_dir():
        return [Source(path, name or path.name)]
    found = [one for one in sorted(path.iterdir()) if one.is_file() and _is_table(one)]
    if not found:
        raise BadFile(file=path.name, reason=f"holds no table ({', '.join(SUFFIXES)})")
    return [Source(one, one.name) for one in found]


def _is_table(path: Path) -> bool:
    return path.name.lower().endswith(SUFFIXES) and not path.name.startswith((".", "~$"))


def content_sha256(stream: BinaryIO) -> str:
    """Return the SHA-256 of what a file holds, unpacked, so that a packed copy is the same file."""
    try:
        return _digest(unpacked(stream))
    except (OSError, EOFError, zlib.error):
        stream.seek(0)
        return _digest(stream)


def _digest(stream: BinaryIO) -> str:
    digest, seen = hashlib.sha256(), 0
    while seen <= MOST_BYTES and (piece := stream.read(PIECE)):
        digest.update(piece)
        seen += len(piece)
    return digest.hexdigest()
