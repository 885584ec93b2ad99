"""The lives of facilities, receivables and drawdowns."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class FacilityState(StrEnum):
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class ReceivableState(StrEnum):
    ELIGIBLE = "eligible"
    OFFERED = "offered"
    FUNDED = "funded"
    SETTLED = "settled"
    RETIRED = "retired"


class DrawdownState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    FUNDED = "funded"
    DISBURSED = "disbursed"
    REPAID = "repaid"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_F, _R, _D = FacilityState, ReceivableState, DrawdownState

FACILITY = Machine(
    "facility",
    {
        (_F.OPEN, "suspend"): _F.SUSPENDED,
        (_F.SUSPENDED, "resume"): _F.OPEN,
        (_F.OPEN, "close"): _F.CLOSED,
        (_F.SUSPENDED, "close"): _F.CLOSED,
    },
)
# Retired: its debtor settles it in the ordinary way, so it can be financed no more.
RECEIVABLE = Machine(
    "receivable",
    {
        (_R.ELIGIBLE, "offer"): _R.OFFERED,
        (_R.OFFERED, "take_back"): _R.ELIGIBLE,
        (_R.OFFERED, "fund"): _R.FUNDED,
        (_R.FUNDED, "settle"): _R.SETTLED,
        (_R.ELIGIBLE, "retire"): _R.RETIRED,
        (_R.OFFERED, "retire"): _R.RETIRED,
    },
)
# Approved: limit taken, claim sold. Funded: the financier's money is here. Disbursed: the supplier has it.
DRAWDOWN = Machine(
    "drawdown",
    {
        (_D.REQUESTED, "approve"): _D.APPROVED,
        (_D.REQUESTED, "refuse"): _D.REFUSED,
        (_D.REQUESTED, "withdraw"): _D.WITHDRAWN,
        (_D.APPROVED, "fund"): _D.FUNDED,
        (_D.FUNDED, "disburse"): _D.DISBURSED,
        (_D.FUNDED, "repay"): _D.REPAID,
        (_D.DISBURSED, "repay"): _D.REPAID,
    },
)
