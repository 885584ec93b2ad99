"""The lives of obligations, runs and steps."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class ObligationState(StrEnum):
    DUE = "due"
    PLANNED = "planned"
    TAKEN = "taken"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class RunState(StrEnum):
    OPEN = "open"
    FINISHED = "finished"


class StepState(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    POSTED = "posted"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    DROPPED = "dropped"


_O, _R, _S = ObligationState, RunState, StepState

# Taken: its invoice is ours to settle and nobody else's; from here on it only ever becomes settled.
OBLIGATION = Machine(
    "obligation",
    {
        (_O.DUE, "plan"): _O.PLANNED,
        (_O.PLANNED, "take"): _O.TAKEN,
        (_O.TAKEN, "settle"): _O.SETTLED,
        (_O.DUE, "cancel"): _O.CANCELLED,
        (_O.PLANNED, "cancel"): _O.CANCELLED,
    },
)
RUN = Machine(
    "settlement_run",
    {
        (_R.OPEN, "plan"): _R.OPEN,
        (_R.OPEN, "finish"): _R.FINISHED,
        (_R.FINISHED, "plan"): _R.OPEN,
    },
)
# Claiming what is claimed or posted is taking over from a worker whose lease has run out. The revision that a claim
# leaves is the worker's fencing token: whoever claims later makes every write of the earlier one stale.
STEP = Machine(
    "settlement_step",
    {
        (_S.PLANNED, "claim"): _S.CLAIMED,
        (_S.CLAIMED, "claim"): _S.CLAIMED,
        (_S.POSTED, "claim"): _S.POSTED,
        (_S.CLAIMED, "post"): _S.POSTED,
        (_S.CLAIMED, "fail"): _S.FAILED,
        (_S.CLAIMED, "drop"): _S.DROPPED,
        (_S.POSTED, "confirm"): _S.CONFIRMED,
        (_S.POSTED, "fail"): _S.FAILED,
        (_S.FAILED, "retry"): _S.PLANNED,
    },
)
ENDED = [StepState.CONFIRMED.value, StepState.DROPPED.value]
RESTING = [*ENDED, StepState.FAILED.value]
