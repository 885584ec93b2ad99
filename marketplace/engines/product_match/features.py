"""What speaks for and against a pair: one row of numbers a pair, worked out for all pairs at once.

A name is `group: what`; the groups are what a reason is told by. UNKNOWN stands where a side says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import distance, fuzz, process
from scipy import sparse

from marketplace.engines.product_match.corpus import VIEWS, Floats, Ints, Table
from marketplace.engines.product_match.records import Pair, Reading, Record

UNKNOWN = -9.0
_RAREST = ("title", "words", "letters", "codes", "numbers")
_LONGEST_TEXT = 400  # letters of a text in which a part number is searched letter by letter
_RATIOS: dict[str, tuple[str, Callable[..., float]]] = {
    "ratio": ("folded", fuzz.ratio),
    "words sorted": ("folded", fuzz.token_sort_ratio),
    "words as sets": ("folded", fuzz.token_set_ratio),
    "best part": ("folded", fuzz.partial_ratio),
    "letters": ("compact", fuzz.ratio),
    "best part of letters": ("compact", fuzz.partial_ratio),
    "winkler": ("compact", distance.JaroWinkler.normalized_similarity),
}


class Columns:
    """Features as they are worked out, by name."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.values: list[Floats] = []

    def add(self, name: str, values: NDArray[Any]) -> None:
        self.names.append(name)
        self.values.append(np.asarray(values, dtype=np.float32))

    def matrix(self) -> Floats:
        """Return pairs x features, UNKNOWN where a value is not a number."""
        return np.nan_to_num(np.column_stack(self.values), copy=False, nan=UNKNOWN)


@dataclass(frozen=True)
class Pairs:
    """The distinct records on either side, and for each pair its row on the left and on the right."""

    records: list[Record]
    left: Ints
    right: Ints

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> Pairs:
        rows: dict[Record, int] = {}
        left = np.fromiter((rows.setdefault(a, len(rows)) for a, _ in pairs), np.int64, len(pairs))
        right = np.fromiter((rows.setdefault(b, len(rows)) for _, b in pairs), np.int64, len(pairs))
        return cls(list(rows), left, right)


@dataclass(frozen=True)
class Features:
    """pairs x features with their names, and the pairs' words as (shared | only left | only right) rows."""

    matrix: Floats
    names: list[str]
    words: sparse.csr_matrix


def featurise(table: Table, left: Ints, right: Ints) -> Features:
    """Work out the features of the pairs (left[n], right[n]), rows of the table."""
    columns = Columns()
    for view in VIEWS:
        _overlap(columns, table, view, left, right)
    _spellings(columns, table.readings, left, right)
    _prices(columns, table.readings, left, right)
    _part_numbers(columns, table.readings, left, right)
    return Features(columns.matrix(), columns.names, _words(table, left, right))


def _overlap(columns: Columns, table: Table, view: str, left: Ints, right: Ints) -> None:
    """Shared weight against each side's weight, and what only one side has."""
    rows = table.views[view]
    a, b = rows[left], rows[right]
    both = a.multiply(b).tocsr()
    shared = np.asarray(both.sum(axis=1), dtype=np.float32).ravel()
    one, other = table.norms[view][left], table.norms[view][right]
    with np.errstate(divide="ignore", invalid="ignore"):
        known = (one > 0) & (other > 0)
        columns.add(f"{view}: cosine", np.where(known, shared / np.sqrt(one * other), np.nan))
        columns.add(f"{view}: of left", np.where(known, shared / one, np.nan))
        columns.add(f"{view}: of right", np.where(known, shared / other, np.nan))
    columns.add(f"{view}: only left", one - shared)
    columns.add(f"{view}: only right", other - shared)
    columns.add(f"{view}: count left", np.diff(a.indptr) - np.diff(both.indptr))
    columns.add(f"{view}: count right", np.diff(b.indptr) - np.diff(both.indptr))
    columns.add(f"{view}: count both", np.diff(both.indptr))
    if view in _RAREST:
        columns.add(f"{view}: rarest shared", _largest(both))
    if view in ("title", "codes"):
        columns.add(f"{view}: rarest left", _largest(_without(a, both)))
        columns.add(f"{view}: rarest right", _largest(_without(b, both)))


def _without(rows: sparse.csr_matrix, both: sparse.csr_matrix) -> sparse.csr_matrix:
    return rows - rows.multiply(both != 0)


def _largest(rows: sparse.csr_matrix) -> Floats:
    return np.asarray(rows.max(axis=1).todense(), dtype=np.float32).ravel()


def _words(table: Table, left: Ints, right: Ints) -> sparse.csr_matrix:
    rows = table.views["title"].copy()
    rows.data = np.ones_like(rows.data)
    a, b = rows[left], rows[right]
    both = a.multiply(b).tocsr()
    found = sparse.hstack([both, a - both, b - both], format="csr", dtype=np.float32)
    found.eliminate_zeros()
    return found


def _spellings(columns: Columns, readings: Sequence[Reading], left: Ints, right: Ints) -> None:
    for name, (field, scorer) in _RATIOS.items():
        texts = np.array([getattr(reading, field) for reading in readings], dtype=object)
        values = process.cpdist(texts[left], texts[right], scorer=scorer, dtype=np.float32, workers=-1)
        columns.add(f"spelling: {name}", values)


def _prices(columns: Columns, readings: Sequence[Reading], left: Ints, right: Ints) -> None:
    prices = np.array([reading.price or np.nan for reading in readings], np.float32)
    lengths = np.array([len(reading.folded) for reading in readings], np.float32)
    ratio = np.log(prices[left] / prices[right])
    columns.add("price: ratio", ratio)
    columns.add("price: distance", np.abs(ratio))
    columns.add("price: right", prices[right])
    columns.add("length: left", lengths[left])
    columns.add("length: right", lengths[right])


def _part_numbers(columns: Columns, readings: Sequence[Reading], left: Ints, right: Ints) -> None:
    """How much of one side's part numbers stands in the other side's text, spaces and dashes aside."""
    texts = [r.compact_all if len(r.compact_all) < _LONGEST_TEXT else r.compact for r in readings]
    for side, own, other in (("left", left, right), ("right", right, left)):
        owner = [row for row, i in enumerate(own) for _ in readings[i].codes]
        wanted = [code for i in own for code in readings[i].codes]
        place = [other[row] for row in owner]
        whole = np.full(len(own), np.nan, np.float32)
        near = np.full(len(own), np.nan, np.float32)
        if owner:
            inside = [len(c) if c in readings[j].compact_all else 0 for c, j in zip(wanted, place, strict=True)]
            best = process.cpdist(
                wanted, [texts[j] for j in place], scorer=fuzz.partial_ratio, dtype=np.float32, workers=-1
            )
            np.fmax.at(whole, owner, np.array(inside, np.float32))
            np.fmax.at(near, owner, best)
        columns.add(f"codes: {side} found", whole)
        columns.add(f"codes: {side} nearly found", near)
