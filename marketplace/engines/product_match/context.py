"""How a pair stands beside the other pairs of the same records, and what has been confirmed of them elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketplace.engines.product_match.corpus import Floats, Ints
from marketplace.engines.product_match.model import Flags


def rivals(scores: Floats, sides: Sequence[Ints]) -> Floats:
    """Return for each pair and each side: lead over the best other pair of the record on that side, rank (0 is best),
    how many pairs the record has, the best other score, the sum of the others' scores.

    scores   log odds of each pair        sides   for each side, each pair's record by number

    Uses the scored pairs alone, never a label: each record is in few matches, so pairs of one record are rivals.
    """
    columns: list[NDArray[Any]] = []
    share = 1 / (1 + np.exp(-scores.astype(np.float64)))
    for group in sides:
        order = np.lexsort((-scores, group))
        ordered = group[order]
        first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order)) - start
        runner_up = np.minimum(start + 1, len(order) - 1)
        best, second = np.empty(len(order)), np.empty(len(order))
        best[order] = share[order][start]
        second[order] = np.where(ordered[runner_up] == ordered, share[order][runner_up], 0.0)
        second[order] = np.where(runner_up == start, 0.0, second[order])
        other = np.where(rank == 0, second, best)
        count = np.bincount(group)[group]
        total = np.bincount(group, weights=share)[group] - share
        columns += [share - other, rank, count, other, total]
    return np.column_stack(columns).astype(np.float32)


def confirmed(
    left: Ints, right: Ints, labels: Flags, *, of_left: Ints, of_right: Ints, own: Flags | None = None
) -> Floats:
    """Return how many confirmed matches the pair's left and right record have with other records.

    left, right, labels   the labelled pairs by record number
    of_left, of_right     the pairs asked about
    own                   their own labels when they are the labelled pairs, which are then not counted themselves
    """
    size = int(max(left.max(initial=0), right.max(initial=0), of_left.max(initial=0), of_right.max(initial=0))) + 1
    mine = np.zeros(len(of_left), np.int64) if own is None else own
    lefts = np.bincount(left[labels == 1], minlength=size)[of_left] - mine
    rights = np.bincount(right[labels == 1], minlength=size)[of_right] - mine
    return np.column_stack([lefts, rights]).astype(np.float32)
