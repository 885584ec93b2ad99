"""What the ledger looks after by itself."""

from __future__ import annotations

from datetime import datetime

from finance.ledger import use_cases
from marketplace.events.registry import sweeps


@sweeps
def expire_due_holds(at: datetime) -> int:
    """Let go what has been held past its time."""
    return use_cases.expire_holds(by="system:ledger", at=at)
