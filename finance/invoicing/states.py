"""The lives of invoices."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class SupplierInvoiceState(StrEnum):
    RECEIVED = "received"
    MATCHED = "matched"
    MISMATCHED = "mismatched"
    APPROVED = "approved"
    ASSIGNED = "assigned"
    PAYING = "paying"
    PAID = "paid"
    REJECTED = "rejected"


class OutputInvoiceState(StrEnum):
    ISSUED = "issued"
    COLLECTING = "collecting"
    PAID = "paid"


_V, _O = SupplierInvoiceState, OutputInvoiceState

# Matched: booked and payable. Approved: undertaken, so it may be financed. Assigned: the claim belongs to a funder.
SUPPLIER_INVOICE = Machine(
    "supplier_invoice",
    {
        (_V.RECEIVED, "match"): _V.MATCHED,
        (_V.RECEIVED, "hold"): _V.MISMATCHED,
        (_V.MISMATCHED, "match"): _V.MATCHED,
        (_V.MISMATCHED, "release"): _V.MATCHED,
        (_V.MISMATCHED, "reject"): _V.REJECTED,
        (_V.MATCHED, "approve"): _V.APPROVED,
        (_V.APPROVED, "assign"): _V.ASSIGNED,
        (_V.MATCHED, "take"): _V.PAYING,
        (_V.APPROVED, "take"): _V.PAYING,
        (_V.PAYING, "pay"): _V.PAID,
        (_V.ASSIGNED, "pay"): _V.PAID,
    },
)
OUTPUT_INVOICE = Machine(
    "output_invoice",
    {
        (_O.ISSUED, "take"): _O.COLLECTING,
        (_O.COLLECTING, "pay"): _O.PAID,
        (_O.ISSUED, "pay"): _O.PAID,
    },
)
