"""Whether a supplier holds what a tender asks of those it invites."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from procurement.tenders.rules.procedures import Conditions


@dataclass(frozen=True)
class Standing:
    """What is known of a supplier: whether it may trade, its verified papers that hold, its latest score (0 to 100)."""

    verified: bool
    papers: frozenset[str]
    score: Decimal | None

    def document(self) -> dict[str, Any]:
        """Return the standing as it is kept with an invitation."""
        return {
            "verified": self.verified,
            "papers": sorted(self.papers),
            "score": None if self.score is None else f"{self.score.normalize():f}",
        }


def shortfalls(standing: Standing, wanted: Conditions) -> list[str]:
    """Return in which ways a supplier falls short of a tender's conditions; empty: it may be invited."""
    found = [] if standing.verified else ["it is no verified supplier"]
    found += [f"no verified paper: {kind}" for kind in wanted.papers if kind not in standing.papers]
    if wanted.least_score is not None:
        if standing.score is None and not wanted.newcomers:
            found.append("no scorecard knows it")
        elif standing.score is not None and standing.score < wanted.least_score:
            found.append(f"scored {standing.score.normalize():f}, {wanted.least_score.normalize():f} is asked for")
    return found
