"""What happened in settlement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class SettlementPlanned:
    run_ref: str
    business_date: date
    steps: int


@dataclass(frozen=True)
class StepConfirmed:
    """A step is done: `amount_minor` changed hands in `direction` (empty for none), `set_off_minor` was set off."""

    run_ref: str
    step_ref: str
    kind: str
    counterparty_ref: str
    direction: str
    amount_minor: int
    set_off_minor: int
    currency: str
    obligations: tuple[str, ...]


@dataclass(frozen=True)
class StepFailed:
    run_ref: str
    step_ref: str
    reason: str


@dataclass(frozen=True)
class SettlementFinished:
    run_ref: str
    business_date: date
