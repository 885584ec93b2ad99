"""Which pairs are worth comparing: for each left record the right records that share its rare words and letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from marketplace.engines.product_match.corpus import Corpus, Floats, Ints, Table
from marketplace.engines.product_match.records import Record

CANDIDATES = 50
CHUNK = 512
_BLOCKS = ("title", "letters", "codes", "words")


@dataclass(frozen=True)
class Neighbours:
    """Each row's nearest others, nearest first: n x k row numbers (-1 where there are fewer) and their nearness.

    nearness   sum of the cosines over the views, 0 to the number of views
    """

    rows: Ints
    nearness: Floats


def together(table: Table) -> sparse.csr_matrix:
    """Return one matrix of the blocking views side by side, so that one product adds up their cosines."""
    parts = []
    for view in _BLOCKS:
        norms = np.sqrt(table.norms[view])
        norms[norms == 0] = 1
        parts.append(sparse.diags(1 / norms).dot(table.views[view]))
    return sparse.hstack(parts, format="csr", dtype=np.float32)


def nearest(left: sparse.csr_matrix, right: sparse.csr_matrix, k: int = CANDIDATES) -> Neighbours:
    """Return for each row of `left` its k nearest rows of `right`; ties go to the earlier row.

    cost   sum over columns of (rows of left x rows of right that hold it); memory CHUNK x rows of right
    """
    turned = right.T.tocsr()
    k = min(k, right.shape[0])
    rows = np.full((left.shape[0], k), -1, np.int64)
    near = np.zeros((left.shape[0], k), np.float32)
    for start in range(0, left.shape[0], CHUNK):
        some = left[start : start + CHUNK].dot(turned).toarray()
        best = (
            np.argpartition(-some, k - 1, axis=1)[:, :k] if k < some.shape[1] else np.tile(np.arange(k), (len(some), 1))
        )
        best.sort(axis=1)
        values = np.take_along_axis(some, best, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        rows[start : start + CHUNK] = np.take_along_axis(best, order, axis=1)
        near[start : start + CHUNK] = np.take_along_axis(values, order, axis=1)
    rows[near <= 0] = -1
    return Neighbours(rows, near)


def candidates(
    left: Sequence[Record], right: Sequence[Record], corpus: Corpus, k: int = CANDIDATES
) -> list[tuple[int, int]]:
    """Return the pairs (row of left, row of right) worth comparing: at most k for each left record, nearest first."""
    found = nearest(together(Table.of(left, corpus)), together(Table.of(right, corpus)), k)
    return [(i, int(j)) for i, row in enumerate(found.rows) for j in row if j >= 0]
