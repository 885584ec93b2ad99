"""What may be read of what the parties of an order wrote and added."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from marketplace.kernel.actors import Actor
from procurement.contracts import models
from procurement.contracts.queries.orders import orders_for

Row = TypeVar("Row", bound=Model)


def messages_for(actor: Actor, order_ref: str) -> QuerySet[models.OrderMessage]:
    """Return an order's messages that the actor may read, oldest first; a buyer reads its own thread and what is to
    all."""
    rows = models.OrderMessage.objects.select_related("author", "buyer").order_by("id")
    return _readable(rows, actor, order_ref)


def papers_for(actor: Actor, order_ref: str) -> QuerySet[models.OrderPaper]:
    """Return an order's documents that the actor may read, oldest first, without their bytes."""
    rows = models.OrderPaper.objects.select_related("author", "buyer").defer("content").order_by("id")
    return _readable(rows, actor, order_ref)


def _readable(rows: QuerySet[Row], actor: Actor, order_ref: str) -> QuerySet[Row]:
    seen = orders_for(actor).filter(ref=order_ref).select_related("supplier").first()
    if seen is None:
        return rows.none()
    rows = rows.filter(order=seen)
    if actor.staff or seen.supplier.ref == actor.organisation:
        return rows
    return rows.filter(Q(buyer__isnull=True) | Q(buyer__ref=actor.organisation))
