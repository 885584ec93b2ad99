"""What happens to demand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RequestSubmitted:
    request_ref: str
    buyer_ref: str


@dataclass(frozen=True)
class RequestApproved:
    request_ref: str
    buyer_ref: str


@dataclass(frozen=True)
class RequestCancelled:
    request_ref: str
    buyer_ref: str


@dataclass(frozen=True)
class RequestClosed:
    request_ref: str
    buyer_ref: str


@dataclass(frozen=True)
class DemandImported:
    """A file's rows stand as requests; `value` by currency, as text with all digits."""

    batch_ref: str
    organisation_ref: str
    file: str
    lines: int
    value: dict[str, str]
