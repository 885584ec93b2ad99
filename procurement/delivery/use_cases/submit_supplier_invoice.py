"""The supplier invoices what was accepted of its order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from finance.invoicing import use_cases as invoicing_
from marketplace.catalogue import queries as catalogue
from marketplace.kernel.money import Money, Rate, total
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from procurement.contracts import queries as contracts
from procurement.contracts.states import OrderState
from procurement.delivery.use_cases.naming import line_ref


class OrderNotReceived(Refusal):
    """An order is invoiced once, when all of it was received."""

    code = "order_not_received"
    words = gettext_noop("Order {order} is {state}; it is invoiced once, when all of it was received.")


@transaction.atomic
def submit_supplier_invoice(
    *,
    order_ref: str,
    number: str,
    issued_on: date,
    due_on: date,
    prices: Mapping[str, Rate] | None = None,
    by: str,
    at: datetime,
) -> str:
    """Hand in the supplier's invoice for what was accepted, at the order's prices unless others are claimed.

    prices   claimed unit prices by line ref (`PO-.../<line>/goods`), where they differ from the order's
    returns  the invoice's ref; whether it matched is the invoice's state

    :raises NotFound: there is no such order.
    :raises OrderNotReceived: goods are still on their way, or the order was invoiced before.
    """
    order = contracts.order(order_ref)
    if order.state != OrderState.RECEIVED:
        raise OrderNotReceived(order=order_ref, state=order.state)
    products = catalogue.products_by_id({line.product_id for line in order.lines})
    claimed = []
    for line in order.lines:
        for kind, agreed in (("goods", line.unit_price), ("freight", line.unit_freight)):
            rate = (prices or {}).get(line_ref(line, kind), agreed)
            if line.delivered and rate.amount:
                claimed.append(
                    invoicing_.ClaimedLine(
                        line_ref=line_ref(line, kind),
                        description=products[line.product_id].name_en,
                        quantity=line.delivered,
                        unit_price=rate,
                        net=rate.times(line.delivered),
                        tax_rate_percent=products[line.product_id].tax_rate_percent,
                    )
                )
    net = total([line.net for line in claimed], order.currency)
    tax = _tax(claimed, order.currency)
    return invoicing_.receive_supplier_invoice(
        supplier_ref=order.supplier_ref,
        number=number,
        source_ref=f"order:{order_ref}",
        lines=claimed,
        tax=tax,
        total=net + tax,
        issued_on=issued_on,
        due_on=due_on,
        by=by,
        at=at,
    )


def _tax(lines: list[invoicing_.ClaimedLine], currency: str) -> Money:
    """Return the tax as an invoice states it: worked once a rate on the sum of its lines (EN 16931 BR-CO-17)."""
    rates = {line.tax_rate_percent for line in lines}
    parts = [
        Rate(rate / 100, currency).times(
            total([line.net for line in lines if line.tax_rate_percent == rate], currency).amount
        )
        for rate in rates
    ]
    return total(parts, currency)
