"""What of an order anybody may know."""

from __future__ import annotations

from datetime import date

from procurement.contracts import models
from procurement.contracts.queries.orders import deliveries_of
from procurement.contracts.rules.published import PublicOrder, PublicOrderLine


def public_order(ref: str) -> PublicOrder | None:
    """Return what anybody may know of the order named `ref`; None where there is none."""
    row = models.PurchaseOrder.objects.select_related("supplier").filter(ref=ref).first()
    if row is None:
        return None
    lines = list(models.OrderLine.objects.filter(order=row).select_related("product").order_by("id"))
    due = deliveries_of([line.pk for line in lines])
    days: dict[date, None] = dict.fromkeys(sorted(one.due_on for of_line in due.values() for one in of_line))
    return PublicOrder(
        ref=row.ref,
        supplier_ref=row.supplier.ref,
        award_ref=row.award_ref,
        tender_ref=row.tender_ref,
        currency=row.currency,
        total_minor=row.total_minor,
        placed_at=row.placed_at,
        due_on=row.due_on,
        days=tuple(days) or (row.due_on,),
        lines=tuple(
            PublicOrderLine(
                line.lot_ref, line.product_id, line.product.unit, line.region, line.quantity, line.unit_price
            )
            for line in lines
        ),
    )


def why_changed(change_ref: str) -> str:
    """Return the reason that a change of an order was proposed with; '' where there is no such change."""
    return models.OrderChange.objects.filter(ref=change_ref).values_list("why", flat=True).first() or ""
