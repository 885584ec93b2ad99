"""The supplier sends goods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from procurement.contracts import queries as contracts
from procurement.contracts import use_cases as contracts_
from procurement.delivery import events, models


class NothingToShip(Refusal):
    """A shipment must carry something of the order it is for."""

    code = "nothing_to_ship"
    words = gettext_noop("This shipment carries nothing of order {order}.")


@transaction.atomic
def dispatch_shipment(
    *, order_ref: str, quantities: Mapping[int, Decimal] | None = None, tracking: str = "", by: str, at: datetime
) -> str:
    """Send part or all of an order; return the shipment's ref.

    quantities  by order line id; None sends all that is still open

    :raises NothingToShip: no quantity above zero, or a line of another order.
    :raises MoreThanOrdered: more than a line has open.
    :raises IllegalMove: the order is not acknowledged, or all of it was sent.
    """
    order = contracts.order(order_ref)
    still_open = {line.id: line.quantity - line.shipped for line in order.lines}
    sent = still_open if quantities is None else dict(quantities)
    sent = {line: quantity for line, quantity in sent.items() if quantity > 0}
    if not sent or not sent.keys() <= still_open.keys():
        raise NothingToShip(order=order_ref)
    due_on = contracts.due_day_of(order_ref, sent)
    contracts_.record_shipment(order_ref=order_ref, quantities=sent, by=by, at=at)
    shipment = models.Shipment.objects.create(
        ref=events_.next_ref("SH", at=at), order_id=order.id, tracking=tracking, due_on=due_on, dispatched_at=at
    )
    models.ShipmentLine.objects.bulk_create(
        [
            models.ShipmentLine(shipment=shipment, order_line_id=line, quantity=quantity)
            for line, quantity in sent.items()
        ],
        batch_size=500,
    )
    events_.record(events.ShipmentDispatched(shipment.ref, order_ref), source_ref=shipment.ref, at=at)
    return shipment.ref
