"""Everything anyone may do about invoices."""

from finance.invoicing.rules import BadInvoice, BillLine, ClaimedLine, NewInvoice, RateNotInForce, ReceivedLine
from finance.invoicing.use_cases.book_goods_received import TermsChanged, book_goods_received
from finance.invoicing.use_cases.decide_supplier_invoice import (
    NotReleasable,
    approve_supplier_invoice,
    reject_supplier_invoice,
    release_supplier_invoice,
)
from finance.invoicing.use_cases.issue_invoice import issue_invoice, issue_invoices
from finance.invoicing.use_cases.pay import assign_supplier_invoice, mark_paid, take_for_settlement
from finance.invoicing.use_cases.receive_supplier_invoice import (
    InvoiceTwice,
    InvoiceWithoutOrder,
    receive_supplier_invoice,
    rematch_supplier_invoice,
)

__all__ = [
    "BadInvoice",
    "BillLine",
    "ClaimedLine",
    "InvoiceTwice",
    "InvoiceWithoutOrder",
    "NewInvoice",
    "NotReleasable",
    "RateNotInForce",
    "ReceivedLine",
    "TermsChanged",
    "approve_supplier_invoice",
    "assign_supplier_invoice",
    "book_goods_received",
    "issue_invoice",
    "issue_invoices",
    "mark_paid",
    "receive_supplier_invoice",
    "reject_supplier_invoice",
    "release_supplier_invoice",
    "rematch_supplier_invoice",
    "take_for_settlement",
]
