"""What capacity does when others' facts arrive."""

from __future__ import annotations

from marketplace.events.registry import RELAY, Fact, handles
from procurement.capacity import queries, use_cases


@handles("OrderPlaced")
def plan_work(fact: Fact) -> None:
    """An order stands: what its supplier's own factories make gets its hours."""
    use_cases.plan_work(order_ref=fact.payload["order_ref"], by=RELAY, at=fact.at)


@handles("OrderCancelled")
@handles("OrderDeclined")
def free_hours(fact: Fact) -> None:
    """An order was turned down, or given up: its hours are free again."""
    why = "order declined" if fact.name == "OrderDeclined" else "order cancelled"
    for work_ref in queries.open_work_of(fact.payload["order_ref"]):
        use_cases.cancel_work(work_ref=work_ref, why=why, by=RELAY, at=fact.at)
