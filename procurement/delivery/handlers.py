"""What delivery does when others' facts arrive."""

from __future__ import annotations

from finance.invoicing import queries as invoicing
from marketplace.events.registry import RELAY, Fact, handles
from procurement.contracts import queries as contracts
from procurement.contracts import use_cases as contracts_
from procurement.delivery import use_cases


@handles("SupplierInvoiceMatched")
def bill_members(fact: Fact) -> None:
    """A supplier's invoice matched: its order is invoiced; each pool it completes is billed."""
    kind, _, order_ref = invoicing.supplier_invoice(fact.payload["invoice_ref"]).source_ref.partition(":")
    if kind != "order":
        return
    contracts_.take_step(order_ref=order_ref, verb="invoice", by=RELAY, at=fact.at)
    for pool_ref in dict.fromkeys(line.pool_ref for line in contracts.order(order_ref).lines):
        use_cases.bill_pool(pool_ref=pool_ref, by=RELAY, at=fact.at)
