"""What happens to work."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class WorkPlanned:
    work_ref: str
    order_ref: str
    factory_ref: str
    quantity: Decimal
    unmet: Decimal


@dataclass(frozen=True)
class MilestoneReached:
    work_ref: str
    milestone: str
