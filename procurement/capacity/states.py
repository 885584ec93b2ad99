"""The life of a work order: its milestones."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class WorkState(StrEnum):
    PLANNED = "planned"
    MATERIAL_IN = "material_in"
    MADE = "made"
    PACKED = "packed"
    CANCELLED = "cancelled"


WORK = Machine(
    "work order",
    {
        (WorkState.PLANNED, "material_in"): WorkState.MATERIAL_IN,
        (WorkState.MATERIAL_IN, "make"): WorkState.MADE,
        (WorkState.MADE, "pack"): WorkState.PACKED,
        (WorkState.PLANNED, "cancel"): WorkState.CANCELLED,
        (WorkState.MATERIAL_IN, "cancel"): WorkState.CANCELLED,
    },
)
