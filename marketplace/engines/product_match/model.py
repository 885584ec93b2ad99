"""The learnt part: which words matter, what the features together say, and how a pair stands among its rivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from marketplace.engines.product_match.corpus import Floats, Ints

FOLDS = 5
LEAST_SEEN = 3  # training pairs in which a word must stand before it is weighed
Flags = NDArray[np.int64]


def one_thread() -> Any:
    """Keep boosters to one thread: on so few rows more of them wait for each other, endlessly on a busy machine."""
    return threadpool_limits(limits=1, user_api="openmp")


def boosted(seed: int, rounds: int) -> HistGradientBoostingClassifier:
    """Return an untrained booster of so many trees; fewer trees take larger steps."""
    return HistGradientBoostingClassifier(
        max_iter=rounds,
        learning_rate=min(0.2, 12 / rounds),
        max_leaf_nodes=15,
        min_samples_leaf=10,
        l2_regularization=1.0,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )


@dataclass
class Words:
    """A logistic regression over words that both have, only the left has, only the right has."""

    kept: Ints
    model: LogisticRegression

    @classmethod
    def fit(cls, words: sparse.csr_matrix, labels: Flags) -> Words:
        kept = np.flatnonzero(np.asarray((words != 0).sum(axis=0)).ravel() >= LEAST_SEEN)
        return cls(kept, LogisticRegression(C=0.3, max_iter=400).fit(words[:, kept], labels))

    def score(self, words: sparse.csr_matrix) -> Floats:
        return np.asarray(self.model.decision_function(words[:, self.kept]), dtype=np.float32)


@dataclass
class Committee:
    """Boosters that differ by their seed; the mean of their log odds."""

    members: list[HistGradientBoostingClassifier]

    @classmethod
    def fit(cls, features: Floats, labels: Flags, seed: int, size: int, rounds: int) -> Committee:
        with one_thread():
            return cls([boosted(seed + n, rounds).fit(features, labels) for n in range(size)])

    def score(self, features: Floats) -> Floats:
        with one_thread():
            odds = np.stack([member.decision_function(features) for member in self.members])
        return np.asarray(odds.mean(axis=0), dtype=np.float32)


def folds(labels: Flags, seed: int) -> list[tuple[Ints, Ints]]:
    """Return (train, held out) row numbers, the same shares of matches in each."""
    count = max(2, min(FOLDS, int(labels.sum()), int(len(labels) - labels.sum())))
    return list(StratifiedKFold(count, shuffle=True, random_state=seed).split(labels, labels))


def held_out(fit: Any, rows: Any, labels: Flags, parts: Sequence[tuple[Ints, Ints]]) -> Floats:
    """Return for each row the score of a model that was not trained on it."""
    scores = np.zeros(len(labels), np.float32)
    for train, rest in parts:
        scores[rest] = fit(rows[train], labels[train]).score(rows[rest])
    return scores
