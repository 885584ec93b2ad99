"""The matcher: learns from labelled pairs what makes two records one product; answers with confidence and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.linear_model import LogisticRegression

from marketplace.engines.product_match import context
from marketplace.engines.product_match.corpus import Corpus, Floats, Ints, Table
from marketplace.engines.product_match.explain import Reason, reasons
from marketplace.engines.product_match.features import Features, Pairs, featurise
from marketplace.engines.product_match.model import Committee, Flags, Words, folds, held_out
from marketplace.engines.product_match.reading import read
from marketplace.engines.product_match.records import Pair
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop

CHUNK = 50_000


class NothingToLearn(Refusal):
    """Labelled pairs of both kinds are needed to learn from."""

    code = "nothing_to_learn"
    status = 400
    words = gettext_noop("Matches and others are both needed to learn from; there are {matches} of {pairs} pairs.")


@dataclass(frozen=True)
class Options:
    """What a matcher may use beside the two texts.

    rivals      how a pair stands beside the other scored pairs of its records; labels are not looked at
    confirmed   how many other records its records are confirmed to match among the labelled pairs
    exclusive   a right record is in few matches; False where many left records may mean one product
    members     boosters of a committee, each of `rounds` trees; `rounds_beside` in the second stage
    sure        confidence from which a match is automatic
    doubtful    confidence below which nothing is proposed; between the two it waits for a person
    """

    rivals: bool = True
    confirmed: bool = True
    exclusive: bool = True
    members: int = 1
    rounds: int = 100
    rounds_beside: int = 60
    sure: float = 0.9
    doubtful: float = 0.1


@dataclass(frozen=True)
class Explanation:
    """Why a pair has its confidence; `band` is `automatic`, `review` or `none`."""

    confidence: float
    band: str
    reasons: tuple[Reason, ...]


@dataclass
class _Labelled:
    """The pairs a matcher learnt from, with the scores of models that had not seen them."""

    pairs: list[Pair]
    labels: Flags
    scores: Floats


@dataclass
class Matcher:
    """See docs/algorithms/product_match.md. `threshold` is the confidence from which a pair counts as a match."""

    corpus: Corpus
    options: Options
    words: Words
    alone: Committee
    beside: Committee
    slope: float
    shift: float
    threshold: float
    labelled: _Labelled
    cross_validated: float = 0.0

    @classmethod
    def fit(
        cls,
        pairs: Sequence[Pair],
        labels: Sequence[int],
        *,
        seed: int,
        around: Sequence[Pair] = (),
        options: Options = Options(),
    ) -> Matcher:
        """Learn from labelled pairs.

        pairs, labels   n pairs and 1 for a match, 0 for none
        around          unlabelled pairs that will be scored: rarity of words and rivalry are counted over them too
        seed            of folds and boosters; the same input gives the same matcher

        :raises NothingToLearn: fewer than two matches or fewer than two others.
        """
        flags = np.asarray(labels, dtype=np.int64)
        if min(int(flags.sum()), int((1 - flags).sum())) < 2:
            raise NothingToLearn(matches=int(flags.sum()), pairs=len(flags))
        corpus = Corpus.of(record for pair in (*pairs, *around) for record in pair)
        everything = Pairs.of([*pairs, *around])
        table = Table.of(everything.records, corpus)
        ours = slice(0, len(pairs))
        found = featurise(table, everything.left[ours], everything.right[ours])
        parts = folds(flags, seed)
        told = held_out(Words.fit, found.words, flags, parts)
        words = Words.fit(found.words, flags)
        rows = _with(found.matrix, told)

        def learn(features: Floats, wanted: Flags, rounds: int = options.rounds) -> Committee:
            return Committee.fit(features, wanted, seed, 1, rounds)

        unseen = held_out(learn, rows, flags, parts)
        alone = Committee.fit(rows, flags, seed, options.members, options.rounds)
        scores = unseen
        if around:
            rest = featurise(table, everything.left[len(pairs) :], everything.right[len(pairs) :])
            scores = np.concatenate([unseen, alone.score(_with(rest.matrix, words.score(rest.words)))])
        more = _beside(options, scores, everything, flags, labelled=len(pairs))[ours]
        rows = np.column_stack([rows, unseen, more])
        final = held_out(partial(learn, rounds=options.rounds_beside), rows, flags, parts)
        slope, shift = _calibrated(final, flags)
        labelled = _Labelled(list(pairs), flags, unseen)
        beside = Committee.fit(rows, flags, seed, options.members, options.rounds_beside)
        made = cls(corpus, options, words, alone, beside, slope, shift, 0.5, labelled)
        made.threshold, made.cross_validated = best_threshold(made._confidence(final), flags)
        return made

    def score(self, pairs: Sequence[Pair]) -> Floats:
        """Return for each pair the confidence, 0 to 1, that both records are one product.

        The pairs of one call are each other's rivals, so give all candidates of a record in one call.
        """
        if not pairs:
            return np.zeros(0, np.float32)
        own, base = self._alone(pairs)
        everything = Pairs.of([*self.labelled.pairs, *pairs])
        known = len(self.labelled.pairs)
        scores = np.concatenate([self.labelled.scores, base])
        more = _beside(self.options, scores, everything, self.labelled.labels, labelled=known)[known:]
        return self._confidence(self.beside.score(np.column_stack([own, base, more])))

    def score_alone(self, pairs: Sequence[Pair]) -> Floats:
        """Return for each pair the log odds from its two texts alone."""
        return self._alone(pairs)[1]

    def _alone(self, pairs: Sequence[Pair]) -> tuple[Floats, Floats]:
        rows, scores = [], []
        for start in range(0, len(pairs), CHUNK):
            some = Pairs.of(pairs[start : start + CHUNK])
            found: Features = featurise(Table.of(some.records, self.corpus), some.left, some.right)
            rows.append(_with(found.matrix, self.words.score(found.words)))
            scores.append(self.alone.score(rows[-1]))
        return np.concatenate(rows), np.concatenate(scores)

    def _confidence(self, odds: Floats) -> Floats:
        return (1 / (1 + np.exp(-(self.slope * odds.astype(np.float64) + self.shift)))).astype(np.float32)

    def band(self, confidence: float) -> str:
        """Return what is done with a pair of this confidence: `automatic`, `review` or `none`."""
        if confidence >= self.options.sure:
            return "automatic"
        return "review" if confidence >= self.options.doubtful else "none"

    def explain(self, pair: Pair, confidence: float) -> Explanation:
        """Return the band and the facts for and against a pair that was scored `confidence`."""
        return Explanation(confidence, self.band(confidence), reasons(read(pair[0]), read(pair[1])))


def _with(matrix: Floats, column: Floats) -> Floats:
    return np.column_stack([matrix, column])


def _beside(options: Options, scores: Floats, pairs: Pairs, labels: Flags, *, labelled: int) -> Floats:
    """Return the columns that say how pairs stand beside each other; the first `labelled` pairs have the labels."""
    left, right = pairs.left, pairs.right
    sides = (left, right) if options.exclusive else (left,)
    columns = [context.rivals(scores, sides)] if options.rivals else []
    if options.confirmed and options.exclusive:
        ours: tuple[Ints, Ints] = (left[:labelled], right[:labelled])
        known = context.confirmed(*ours, labels, of_left=left, of_right=right)
        known[:labelled] -= labels[:, None]
        columns.append(known)
    return np.column_stack(columns) if columns else np.empty((len(scores), 0), np.float32)


def _calibrated(odds: Floats, labels: Flags) -> tuple[float, float]:
    """Return slope and shift that turn held-out log odds into calibrated ones (Platt 1999)."""
    model = LogisticRegression(C=1e6).fit(odds[:, None], labels)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def best_threshold(confidence: Floats, labels: Flags) -> tuple[float, float]:
    """Return the confidence at which F1 is largest, half-way to the next lower one, and that F1."""
    order = np.argsort(-confidence, kind="stable")
    hits = np.cumsum(labels[order])
    f1 = 2 * hits / (np.arange(1, len(labels) + 1) + labels.sum())
    at = int(f1.argmax())
    below = confidence[order[at + 1]] if at + 1 < len(order) else 0.0
    return float((confidence[order[at]] + below) / 2), float(f1[at])
