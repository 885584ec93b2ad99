"""Which findings about bids are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LOW, UNBALANCED, COLLUSION, SHARED = "abnormally_low", "unbalanced", "collusion", "shared_traces"
KINDS = (LOW, UNBALANCED, COLLUSION, SHARED)


@dataclass(frozen=True)
class Finding:
    """One finding: about a bid for a lot, a bid, or several bidders (`refs`); `about` tells it from every other."""

    kind: str
    about: str
    lot_id: int | None
    bid_id: int | None
    refs: tuple[str, ...]
    figures: Mapping[str, Any]
