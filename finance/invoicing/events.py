"""What happened to invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class GoodsBooked:
    source_ref: str
    supplier_ref: str
    value_minor: int
    currency: str


@dataclass(frozen=True)
class SupplierInvoiceMatched:
    invoice_ref: str
    supplier_ref: str
    amount_minor: int
    currency: str
    due_on: date


@dataclass(frozen=True)
class SupplierInvoiceHeld:
    invoice_ref: str
    supplier_ref: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class SupplierInvoiceApproved:
    invoice_ref: str
    supplier_ref: str
    amount_minor: int
    currency: str
    due_on: date


@dataclass(frozen=True)
class SupplierInvoiceRejected:
    invoice_ref: str
    supplier_ref: str


@dataclass(frozen=True)
class InvoiceIssued:
    """`open_minor` is left to pay after the advance; `refund_minor` is what the advance left over."""

    invoice_ref: str
    buyer_ref: str
    open_minor: int
    refund_minor: int
    currency: str
    due_on: date


@dataclass(frozen=True)
class InvoicePaid:
    """An invoice of either direction is settled; `counterparty_ref` is its supplier or its buyer."""

    invoice_ref: str
    counterparty_ref: str
    amount_minor: int
    currency: str
