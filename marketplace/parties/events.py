"""What happened to the parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class OrganisationRegistered:
    organisation_ref: str
    legal_name: str
    country: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class OrganisationsVouched:
    organisation_refs: tuple[str, ...]


@dataclass(frozen=True)
class OrganisationVerified:
    organisation_ref: str


@dataclass(frozen=True)
class OrganisationSuspended:
    organisation_ref: str
    why: str


@dataclass(frozen=True)
class OrganisationLeft:
    organisation_ref: str


@dataclass(frozen=True)
class MemberAdded:
    organisation_ref: str
    username: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class BankAccountRequested:
    organisation_ref: str
    bank_account_ref: str


@dataclass(frozen=True)
class BankAccountConfirmed:
    organisation_ref: str
    bank_account_ref: str
    usable_from: datetime
