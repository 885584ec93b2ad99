"""Small judgements on who is who."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

# What an organisation may take part as, and the column that says so.
ORGANISATION_ROLES = {
    "buyer": "is_buyer",
    "supplier": "is_supplier",
    "factory": "is_factory",
    "financier": "is_financier",
}
# What a person may do for an organisation.
MEMBER_ROLES = ("requester", "approver", "finance", "sales", "planner")
SIZE_CLASSES = ("small", "large")
COOLING_OFF = timedelta(hours=48)
LARGEST_DOCUMENT = 5 * 2**20


def normal_name(name: str) -> str:
    """Return `name` as it is compared: NFKC, case folded, single spaces, no stops or commas."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(" " if c in ".,;" else c for c in folded).split())


def unknown_roles(roles: object, known: object) -> list[str]:
    """Return those of `roles` that are not among `known`, sorted."""
    return sorted(set(roles) - set(known))  # type: ignore[call-overload]


def masked(number: str) -> str:
    """Return a bank account's number with all but its last four characters hidden."""
    return "•" * max(len(number) - 4, 0) + number[-4:]
