"""The life cycles of organisations and of their bank accounts."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class OrganisationState(StrEnum):
    APPLIED = "applied"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    LEFT = "left"


class BankAccountState(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    SUPERSEDED = "superseded"
    REFUSED = "refused"


_O, _B = OrganisationState, BankAccountState

ORGANISATION = Machine(
    "organisation",
    {
        (_O.APPLIED, "verify"): _O.VERIFIED,
        (_O.APPLIED, "leave"): _O.LEFT,
        (_O.VERIFIED, "suspend"): _O.SUSPENDED,
        (_O.VERIFIED, "leave"): _O.LEFT,
        (_O.SUSPENDED, "reinstate"): _O.VERIFIED,
        (_O.SUSPENDED, "leave"): _O.LEFT,
    },
)

BANK_ACCOUNT = Machine(
    "bank account",
    {
        (_B.REQUESTED, "confirm"): _B.CONFIRMED,
        (_B.REQUESTED, "refuse"): _B.REFUSED,
        (_B.CONFIRMED, "supersede"): _B.SUPERSEDED,
    },
)
