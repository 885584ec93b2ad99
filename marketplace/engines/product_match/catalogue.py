"""Lines in words against a whole catalogue: candidates, confidence, reasons, and what to do with the best one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marketplace.engines.product_match.attributes import compare_attributes
from marketplace.engines.product_match.blocking import nearest, together
from marketplace.engines.product_match.corpus import Corpus, Table
from marketplace.engines.product_match.explain import AGAINST, Reason, reasons
from marketplace.engines.product_match.matcher import Matcher, Options
from marketplace.engines.product_match.practice import practice_pairs
from marketplace.engines.product_match.records import Pair, Record

AUTOMATIC, REVIEW, NONE = "automatic", "review", "none"
NEAREST = 20  # candidates compared for each line
SHOWN = 5
PRACTICE = 300  # hurried texts it learns from, each with its product and the nearest others
CONTRADICTIONS = {"part_number", "amount", "amount_missing", "grade", "vague"}
OPTIONS = Options(confirmed=False, exclusive=False, members=1, rounds=60, sure=0.9, doubtful=0.15)


@dataclass(frozen=True)
class Entry:
    """A product of a catalogue: its record, its typed attributes and its category's definitions of them."""

    record: Record
    values: Mapping[str, Any] = field(default_factory=dict)
    definitions: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Candidate:
    """One product a line may mean. `contradicted`: something in the text speaks against it, so never automatic."""

    row: int
    confidence: float
    reasons: tuple[Reason, ...]
    contradicted: bool


@dataclass(frozen=True)
class Suggestion:
    """What to do with one line: `automatic` names the first candidate, `review` asks a person, `none` has nothing."""

    band: str
    candidates: tuple[Candidate, ...]


class Finder:
    """Knows one catalogue. Learns from it alone, and from confirmed and rejected matches where there are any.

    cost   memory about 15 kB a product; each line is compared with its NEAREST products alone
    """

    def __init__(self, entries: Sequence[Entry], *, seed: int, labelled: Sequence[tuple[Pair, int]] = ()) -> None:
        self.entries = list(entries)
        records = [entry.record for entry in self.entries]
        self.corpus = Corpus.of(records)
        table = Table.of(records, self.corpus)
        self.readings, self.rows = table.readings, together(table)
        self.matcher = self._learnt(records, seed, labelled)

    @staticmethod
    def _learnt(records: Sequence[Record], seed: int, labelled: Sequence[tuple[Pair, int]]) -> Matcher | None:
        pairs, labels = practice_pairs(records, seed=seed, most=PRACTICE) if len(records) > 1 else ([], [])
        pairs += [pair for pair, _ in labelled]
        labels += [label for _, label in labelled]
        if min(sum(labels), len(labels) - sum(labels)) < 2:
            return None
        return Matcher.fit(pairs, labels, seed=seed, options=OPTIONS)

    def find(self, lines: Sequence[Record]) -> list[Suggestion]:
        """Return a suggestion for each line, in order; lines do not influence each other."""
        if self.matcher is None or not lines:
            return [Suggestion(NONE, ()) for _ in lines]
        table = Table.of(lines, self.corpus)
        near = nearest(together(table), self.rows, NEAREST).rows
        asked = [(n, int(j)) for n, row in enumerate(near) for j in row if j >= 0]
        pairs = [(lines[n], self.entries[j].record) for n, j in asked]
        confidence = self.matcher.score(pairs)
        found: dict[int, list[tuple[float, int]]] = {}
        for (n, j), sure in zip(asked, confidence, strict=True):
            if sure >= OPTIONS.doubtful:
                found.setdefault(n, []).append((-float(sure), j))
        return [self._suggest(table, n, sorted(found.get(n, []))[:SHOWN]) for n in range(len(lines))]

    def _suggest(self, table: Table, line: int, best: Sequence[tuple[float, int]]) -> Suggestion:
        candidates = tuple(self._candidate(table, line, row, -sure) for sure, row in best)
        if not candidates:
            return Suggestion(NONE, ())
        first, clear = candidates[0], len(candidates) == 1 or candidates[1].confidence < OPTIONS.sure
        certain = first.confidence >= OPTIONS.sure and clear and not first.contradicted
        return Suggestion(AUTOMATIC if certain else REVIEW, candidates)

    def _candidate(self, table: Table, line: int, row: int, confidence: float) -> Candidate:
        entry, text = self.entries[row], table.readings[line]
        told = list(reasons(text, self.readings[row]))
        compared = compare_attributes(text, entry.definitions, entry.values)
        told += [reason for reason, _ in compared]
        against = any(must and reason.side == AGAINST for reason, must in compared)
        against |= any(_contradicts(reason) for reason in told)
        return Candidate(row, round(confidence, 4), tuple(told), against)


def _contradicts(reason: Reason) -> bool:
    """Tell whether a reason forbids naming the product unasked; how many are wanted says nothing of what is meant."""
    if reason.side != AGAINST or reason.facts.get("dimension") == "count":
        return False
    return reason.code in CONTRADICTIONS
