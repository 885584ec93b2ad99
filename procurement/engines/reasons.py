"""What a decision says for itself: a stable code with its numbers, which doors word in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reason:
    """Why something was decided: `code` is stable, `facts` are the numbers behind it."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        return {"code": self.code, **self.facts}
