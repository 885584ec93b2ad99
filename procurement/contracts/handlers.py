"""What contracts do when others' facts arrive."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from finance.settlement import use_cases as settlement_
from marketplace.events.registry import RELAY, Fact, handles, sweeps
from marketplace.kernel.clock import business_date
from marketplace.kernel.money import Rate
from procurement.contracts import queries, use_cases
from procurement.tenders import queries as tenders
from procurement.tenders import use_cases as tenders_

LEAD_DAYS = 30


@handles("TenderAwarded")
def place_orders(fact: Fact) -> None:
    """An award stands: one order per supplier."""
    facts = fact.payload
    lines = [
        use_cases.AwardedLine(
            lot_ref=line["lot_ref"],
            pool_ref=line["pool_ref"],
            supplier_ref=line["supplier_ref"],
            product_id=int(line["product_id"]),
            region=line["region"],
            quantity=Decimal(line["quantity"]),
            unit_price=Rate(Decimal(line["unit_price"]), line["currency"]),
            unit_freight=Rate(Decimal(line["freight"]), line["currency"]),
        )
        for line in facts["lines"]
    ]
    due_on = business_date(fact.at) + timedelta(days=LEAD_DAYS)
    placed = use_cases.place_orders(
        award_ref=facts["award_ref"], tender_ref=facts["tender_ref"], lines=lines, due_on=due_on, by=RELAY, at=fact.at
    )
    promised = tenders.conditions_of(facts["tender_ref"])
    if promised.retention_percent:
        for ref in placed:
            settlement_.agree_retention(
                source_ref=f"order:{ref}",
                percent=promised.retention_percent,
                days=promised.warranty_days,
                by=RELAY,
                at=fact.at,
            )


@handles("OrderAcknowledged")
def free_the_bond(fact: Fact) -> None:
    """A winner took its order on: its bid bond has done its work."""
    facts = {
        "tender_ref": queries.order(fact.payload["order_ref"]).tender_ref,
        "supplier_ref": fact.payload["supplier_ref"],
    }
    tenders_.release_bond(**facts, why="took the order on", by=RELAY, at=fact.at)


@handles("OrderDeclined")
def keep_the_bond(fact: Fact) -> None:
    """A winner refused its order: its bid bond is forfeited."""
    facts = {
        "tender_ref": queries.order(fact.payload["order_ref"]).tender_ref,
        "supplier_ref": fact.payload["supplier_ref"],
    }
    tenders_.forfeit_bond(**facts, why=fact.payload["why"] or "refused its order", by=RELAY, at=fact.at)


@sweeps
def tell_of_late_deliveries(at: datetime) -> int:
    """Tell both sides, once each, of deliveries whose day is over; return how many."""
    return use_cases.tell_late(at=at)
