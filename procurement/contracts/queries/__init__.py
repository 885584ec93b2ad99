"""Everything anyone may ask about frameworks and orders."""

from procurement.contracts.queries.changes import (
    LateDelivery,
    changes_for,
    changes_to_answer,
    due_day_of,
    late_lines,
    party_of,
    side_of,
    untold_late,
)
from procurement.contracts.queries.frameworks import (
    call_offs_for,
    frameworks_for,
    orders_of_call_offs,
    sees_figures,
)
from procurement.contracts.queries.open_data import public_order, why_changed
from procurement.contracts.queries.orders import (
    MemberView,
    OrderLineView,
    OrderView,
    deliveries_of,
    lines_of_pool,
    member_lines,
    member_lines_for,
    order,
    orders_for,
    refs_in,
    state_of,
)
from procurement.contracts.queries.sheet import order_sheet
from procurement.contracts.queries.talk import messages_for, papers_for
from procurement.contracts.queries.verifying import verify

__all__ = [
    "LateDelivery",
    "MemberView",
    "OrderLineView",
    "OrderView",
    "call_offs_for",
    "changes_for",
    "changes_to_answer",
    "deliveries_of",
    "due_day_of",
    "frameworks_for",
    "late_lines",
    "lines_of_pool",
    "member_lines",
    "member_lines_for",
    "messages_for",
    "order",
    "order_sheet",
    "orders_for",
    "orders_of_call_offs",
    "papers_for",
    "party_of",
    "public_order",
    "refs_in",
    "sees_figures",
    "side_of",
    "state_of",
    "untold_late",
    "verify",
    "why_changed",
]
