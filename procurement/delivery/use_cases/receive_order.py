"""An order is received once nothing of it is left to send or on its way; one of which nothing was accepted closes."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.kernel.words import gettext_noop
from procurement.contracts import queries as contracts
from procurement.contracts import use_cases as contracts_
from procurement.contracts.queries import OrderView
from procurement.contracts.states import OrderState
from procurement.delivery import models
from procurement.delivery.states import ShipmentState
from procurement.delivery.use_cases.bill_pool import bill_pool
from procurement.pools import queries as pools
from procurement.pools import use_cases as pools_
from procurement.pools.states import PoolState

NOTHING_ACCEPTED = gettext_noop("nothing that came was accepted")


@transaction.atomic
def receive_order(*, order_ref: str, by: str, at: datetime) -> bool:
    """Mark the order received when all of it was sent and no shipment is under way; return whether it was.

    An order of which nothing was accepted has nothing to invoice: it is closed, its pools are billed for what others
    delivered, and a pool of which nothing came from anybody is released, its members' advances with it.
    """
    order = contracts.order(order_ref)
    on_the_way = models.Shipment.objects.filter(order_id=order.id).exclude(state=ShipmentState.CLOSED.value)
    sent = {OrderState.SHIPPED.value, OrderState.PART_SHIPPED.value}
    if order.state not in sent or on_the_way.exists() or any(line.shipped < line.quantity for line in order.lines):
        return False
    contracts_.take_step(order_ref=order.ref, verb="receive", by=by, at=at)
    shares: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in order.lines:
        for member in line.members:
            shares[line.pool_ref][member.commitment_ref] += member.delivered
    for pool_ref, delivered in shares.items():
        came = {ref: quantity for ref, quantity in delivered.items() if quantity}
        pools_.record_delivery(pool_ref=pool_ref, shares=came, by=by, at=at)
    if not any(line.delivered for line in order.lines):
        _close_unpaid(order, by=by, at=at)
    return True


def _close_unpaid(order: OrderView, *, by: str, at: datetime) -> None:
    contracts_.take_step(order_ref=order.ref, verb="close_unpaid", by=by, at=at)
    for pool_ref in dict.fromkeys(line.pool_ref for line in order.lines):
        if not bill_pool(pool_ref=pool_ref, by=by, at=at):
            _release_empty(pool_ref, by=by, at=at)


def _release_empty(pool_ref: str, *, by: str, at: datetime) -> None:
    """Release a pool of which every order is closed and nothing was accepted from any."""
    pool, lines = pools.pool(pool_ref), contracts.lines_of_pool(pool_ref)
    closed = all(contracts.state_of(ref) == OrderState.CLOSED for ref in {line.order_ref for line in lines})
    if closed and pool.state == PoolState.ORDERED and not pool.delivered and not any(line.delivered for line in lines):
        pools_.release_ordered(pool_ref=pool_ref, why=NOTHING_ACCEPTED, by=by, at=at)
