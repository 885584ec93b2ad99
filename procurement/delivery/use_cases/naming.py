"""How what is received, invoiced and matched is named."""

from __future__ import annotations

from procurement.contracts.queries import OrderLineView


def line_ref(line: OrderLineView, kind: str) -> str:
    """Return the name under which an order line's goods or freight are received, invoiced and matched."""
    return f"{line.order_ref}/{line.id}/{kind}"
