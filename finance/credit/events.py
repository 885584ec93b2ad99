"""What happened in credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class FacilityOpened:
    facility_ref: str
    financier_ref: str
    limit_minor: int
    currency: str


@dataclass(frozen=True)
class FundingRequested:
    drawdown_ref: str
    facility_ref: str
    financier_ref: str
    supplier_ref: str
    source_ref: str
    face_minor: int
    currency: str


@dataclass(frozen=True)
class DrawdownApproved:
    """The claim `source_ref` is the financier's now: it owes the advance, and is owed the face on `matures_on`."""

    drawdown_ref: str
    facility_ref: str
    financier_ref: str
    supplier_ref: str
    source_ref: str
    face_minor: int
    discount_minor: int
    advance_minor: int
    currency: str
    funded_on: date
    matures_on: date


@dataclass(frozen=True)
class DrawdownRefused:
    drawdown_ref: str
    supplier_ref: str
    source_ref: str


@dataclass(frozen=True)
class DrawdownDisbursed:
    drawdown_ref: str
    supplier_ref: str
    advance_minor: int
    currency: str


@dataclass(frozen=True)
class DrawdownRepaid:
    drawdown_ref: str
    facility_ref: str
    financier_ref: str
    face_minor: int
    currency: str
