"""What settlement does when others' facts arrive, and what it looks after by itself."""

from __future__ import annotations

from datetime import date, datetime

from finance.settlement import queries, use_cases
from finance.settlement.use_cases import NewObligation
from marketplace.events.registry import Fact, handles, sweeps
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Money

BY = "system:settlement"


@handles("SupplierInvoiceMatched")
def owe_the_supplier(fact: Fact) -> None:
    """A matched invoice is payable on its due date, less what is kept until its warranty ends."""
    payload = fact.payload
    use_cases.owe_supplier(
        invoice_ref=payload["invoice_ref"],
        supplier_ref=payload["supplier_ref"],
        amount=Money.from_minor(payload["amount_minor"], payload["currency"]),
        due_on=date.fromisoformat(payload["due_on"]),
        by=BY,
        at=fact.at,
    )


@handles("InvoiceIssued")
def charge_the_buyer(fact: Fact) -> None:
    """What an invoice leaves open is receivable when due; what its advance left over goes back at once."""
    payload = fact.payload
    due_on, today = date.fromisoformat(payload["due_on"]), business_date(fact.at)
    parts = [("receivable", payload["open_minor"], due_on), ("refund", payload["refund_minor"], today)]
    owed = [
        NewObligation(
            kind, payload["buyer_ref"], Money.from_minor(minor, payload["currency"]), on, payload["invoice_ref"]
        )
        for kind, minor, on in parts
        if minor
    ]
    use_cases.record_obligations(obligations=owed, by=BY, at=fact.at)


@handles("DrawdownApproved")
def draw_the_advance(fact: Fact) -> None:
    """A financed claim is no longer payable to its supplier; its funder owes us the advance today."""
    payload = fact.payload
    funding = NewObligation(
        "funding",
        payload["financier_ref"],
        Money.from_minor(payload["advance_minor"], payload["currency"]),
        date.fromisoformat(payload["funded_on"]),
        payload["drawdown_ref"],
    )
    use_cases.finance_claim(invoice_ref=payload["source_ref"], funding=funding, by=BY, at=fact.at)


@handles("PaymentSettled")
@handles("PaymentRejected")
def hear_from_the_bank(fact: Fact) -> None:
    """The payment of a step has come to an end; others' payments are none of ours."""
    if queries.is_step(fact.payload["source_ref"]):
        use_cases.conclude_step(step_ref=fact.payload["source_ref"], by=BY, at=fact.at)


@sweeps
def plan_and_ring(at: datetime) -> int:
    """Plan today's run when something is due that nobody has planned, and ring for steps that are overdue."""
    today = business_date(at)
    if queries.anything_due(today):
        use_cases.plan_run(business_date=today, by=BY, at=at)
    return use_cases.ring_overdue(at=at)
