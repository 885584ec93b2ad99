"""Records as sparse rows: one view each for words, letters, part numbers, amounts; weighted by how rare each is."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from marketplace.engines.product_match.reading import read
from marketplace.engines.product_match.records import Reading, Record

BITS = 20
COLUMNS = 1 << BITS
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_LISTS: dict[str, Callable[[Reading], list[str]]] = {
    "title": lambda r: r.title,
    "words": lambda r: r.words,
    "pairs": lambda r: [f"{a} {b}" for a, b in zip(r.title, r.title[1:], strict=False)],
    "codes": lambda r: r.codes,
    "numbers": lambda r: r.numbers,
    "amounts": lambda r: r.amounts,
    "dimensions": lambda r: r.dimensions,
    "grades": lambda r: r.grades,
    "brand": lambda r: r.brand,
}
_LETTERS: dict[str, tuple[Callable[[Reading], str], tuple[int, ...]]] = {
    "letters": (lambda r: r.compact, (2, 3, 4)),
    "letters_all": (lambda r: r.compact_all, (4,)),
}
VIEWS = (*_LISTS, *_LETTERS)
_COLUMN: dict[str, int] = {}


def column(token: str) -> int:
    """Return the column of a token: the same in every process (CRC-32 of its UTF-8, 20 bits)."""
    found = _COLUMN.get(token)
    if found is None:
        found = _COLUMN[token] = zlib.crc32(token.encode()) & (COLUMNS - 1)
    return found


def _lists(rows: Iterable[list[str]]) -> sparse.csr_matrix:
    """Return 0/1 rows of the tokens of each list."""
    kept = list(rows)
    sizes = np.fromiter(map(len, kept), np.int64, len(kept))
    columns = np.fromiter(map(column, chain.from_iterable(kept)), np.int64, int(sizes.sum()))
    return _rows(np.repeat(np.arange(len(kept)), sizes) * COLUMNS + columns, len(kept))


def _rows(keys: Ints, count: int) -> sparse.csr_matrix:
    """Return 0/1 rows from keys `row * COLUMNS + column` that may repeat."""
    keys = np.sort(keys)
    if len(keys):
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]  # np.unique hashes, ten times slower here
    pointer = np.searchsorted(keys, np.arange(count + 1, dtype=np.int64) * COLUMNS)
    ones = np.ones(len(keys), np.float32)
    return sparse.csr_matrix((ones, (keys % COLUMNS).astype(np.int32), pointer), (count, COLUMNS))


def _letters(texts: Sequence[str], lengths: tuple[int, ...]) -> sparse.csr_matrix:
    """Return 0/1 rows of the runs of n letters of each text, hashed without a Python loop over letters."""
    sizes = np.fromiter((len(t) for t in texts), np.int64, len(texts))
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(texts)), sizes)
    rows, columns = [], []
    for n in lengths:
        if len(codes) < n:
            continue
        mixed = np.full(len(codes) - n + 1, n, np.uint64)
        for k in range(n):
            mixed = (mixed * np.uint64(0x9E3779B97F4A7C15)) ^ (
                codes[k : len(codes) - n + 1 + k] * np.uint64(0xC2B2AE3D27D4EB4F)
            )
            mixed ^= mixed >> np.uint64(29)
        whole = owner[: len(mixed)] == owner[n - 1 :]
        rows.append(owner[: len(mixed)][whole])
        columns.append((mixed[whole] >> np.uint64(64 - BITS)).astype(np.int64))
    if not rows:
        return _rows(np.empty(0, np.int64), len(texts))
    return _rows(np.concatenate(rows) * COLUMNS + np.concatenate(columns), len(texts))


def raw(readings: Sequence[Reading], view: str) -> sparse.csr_matrix:
    """Return the 0/1 rows of one view."""
    if view in _LISTS:
        return _lists(_LISTS[view](reading) for reading in readings)
    text, lengths = _LETTERS[view]
    return _letters([text(reading) for reading in readings], lengths)


@dataclass
class Corpus:
    """How many records there are and how many hold each token of each view; learnt from records without labels."""

    records: int = 0
    held: dict[str, Floats] = field(default_factory=dict)
    _weights: dict[str, Floats] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, records: Iterable[Record]) -> Corpus:
        """Count the distinct records."""
        readings = [read(record) for record in dict.fromkeys(records)]
        held = {view: np.asarray(raw(readings, view).sum(axis=0), dtype=np.float32).ravel() for view in VIEWS}
        return cls(len(readings), held)

    def weights(self, view: str) -> Floats:
        """Return ln((1 + n) / (1 + held)) + 1 for each column: never seen weighs most."""
        if view not in self._weights:
            held = self.held.get(view, np.zeros(COLUMNS, np.float32))
            self._weights[view] = (np.log((1 + self.records) / (1 + held)) + 1).astype(np.float32)
        return self._weights[view]


@dataclass
class Table:
    """Readings with their weighted rows; `norms` are the squared lengths of the rows."""

    readings: list[Reading]
    views: dict[str, sparse.csr_matrix]
    norms: dict[str, Floats]

    @classmethod
    def of(cls, records: Sequence[Record], corpus: Corpus) -> Table:
        """Read the records and weigh their tokens by the corpus."""
        readings = [read(record) for record in records]
        views, norms = {}, {}
        for view in VIEWS:
            rows = raw(readings, view)
            rows.data = corpus.weights(view)[rows.indices]
            views[view] = rows
            norms[view] = np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float32).ravel()
        return cls(readings, views, norms)
