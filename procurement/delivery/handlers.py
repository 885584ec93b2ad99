"""What delivery does when others' facts arrive."""

from __future__ import annotations

from finance.invoicing import queries as invoicing
from marketplace.events.registry import RELAY, Fact, handles
from procurement.contracts import queries as contracts
from procurement.contracts import use_cases as contracts_
from procurement.contracts.states import OrderState
from procurement.delivery import queries, use_cases
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.pools.states import PoolState


@handles("SupplierInvoiceMatched")
def bill_members(fact: Fact) -> None:
    """A supplier's invoice matched: its order is invoiced; each pool it completes is billed."""
    kind, _, order_ref = invoicing.supplier_invoice(fact.payload["invoice_ref"]).source_ref.partition(":")
    if kind != "order":
        return
    contracts_.take_step(order_ref=order_ref, verb="invoice", by=RELAY, at=fact.at)
    for pool_ref in dict.fromkeys(line.pool_ref for line in contracts.order(order_ref).lines):
        use_cases.bill_pool(pool_ref=pool_ref, by=RELAY, at=fact.at)


@handles("InvoicePaid")
def close_what_is_paid(fact: Fact) -> None:
    """An invoice is settled: a supplier's closes its order, the last member's settles its pool."""
    ref = fact.payload["invoice_ref"]
    if ref.startswith("VI-"):
        kind, _, order_ref = invoicing.supplier_invoice(ref).source_ref.partition(":")
        if kind == "order" and contracts.state_of(order_ref) == OrderState.INVOICED:
            contracts_.take_step(order_ref=order_ref, verb="close", by=RELAY, at=fact.at)
        return
    kind, _, pool_ref = invoicing.invoice(ref).source_ref.partition(":")
    if kind != "pool":
        return
    pool = pools.pool(pool_ref)
    if pool.state == PoolState.FULFILLED and not invoicing.unpaid_among(queries.invoices_of_pool(pool.id)):
        pools_.settle_pool(pool_ref=pool_ref, by=RELAY, at=fact.at)


@handles("OrderChanged")
def receive_what_is_left(fact: Fact) -> None:
    """A change may have left nothing to send: the order is received once nothing is on its way."""
    use_cases.receive_order(order_ref=fact.payload["order_ref"], by=RELAY, at=fact.at)
