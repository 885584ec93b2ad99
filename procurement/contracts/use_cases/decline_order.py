"""A supplier turns an order down, or both sides give it up: its pools and its framework get back what it held."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop
from procurement.contracts import events, models, queries
from procurement.contracts.use_cases.call_off import give_back
from procurement.contracts.use_cases.loading import buyers_of, load_order, tell
from procurement.pools import use_cases as pools_

DECLINED = gettext_noop("{supplier} declined the order {order}: {why}")


@transaction.atomic
def decline_order(*, order_ref: str, why: str, by: str, at: datetime) -> None:
    """The supplier turns the order down, with a reason; pools of which every order was declined are released.

    What it called off a framework is given back to the framework.

    :raises BadValue: no reason.
    :raises IllegalMove: it was acknowledged or declined before.
    """
    if not why.strip():
        raise BadValue(place="why", value=why, reason=gettext_noop("a reason is needed"))
    order = load_order(order_ref)
    order.move("decline", by=by, at=at, why=why, reason=why)
    events_.record(events.OrderDeclined(order_ref, order.supplier.ref, why), source_ref=order_ref, at=at)
    facts = {"supplier": order.supplier.legal_name, "order": order_ref, "why": why}
    tell(buyers_of(order).values(), DECLINED, facts, about=order_ref, at=at)
    let_go(order, why=why, by=by, at=at)


def let_go(order: models.PurchaseOrder, *, why: str, by: str, at: datetime) -> None:
    """Give back what a void order held: the framework's room, and the pools that nobody supplies any more."""
    give_back(order, why=why, by=by, at=at)
    supplied = order.lines.order_by("pool_id").values_list("pool__ref", flat=True).distinct()
    for pool_ref in [ref for ref in supplied if not queries.lines_of_pool(ref)]:
        pools_.release_ordered(pool_ref=pool_ref, why=why, by=by, at=at)
