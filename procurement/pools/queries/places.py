"""Places in frozen pools that their buyers offer to whoever takes them over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.db.models import QuerySet

from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from procurement.pools import models
from procurement.pools.states import BINDING, CommitmentState

MOST_ROWS = 1_000


@dataclass(frozen=True)
class Place:
    """What taking one place over brings and binds; never whose it is.

    ref       of its oldest row, by which it is taken
    quantity  what its rows were allocated, in the pool's unit
    ceilings  the unit prices above which rows of it are out, dearest first; None among them: a row without one
    deposit   what is held of its buyer now, and will be of whoever takes it
    """

    ref: str
    pool: models.Pool
    quantity: Decimal
    ceilings: tuple[Decimal | None, ...]
    deposit: Money
    offered_at: datetime


def offered_rows(actor: Actor) -> QuerySet[models.Commitment]:
    """Return the rows that buyers other than the asker's offer, with pool and product, those of a want together."""
    bound = models.Commitment.objects.filter(state=CommitmentState.BOUND.value, offered_at__isnull=False)
    others = bound.filter(pool__state__in=BINDING).exclude(buyer__ref=actor.organisation)
    return others.select_related("pool__product").order_by("pool__freeze_at", "pool_id", "buyer_id", "line_id", "entry")


def places_for(actor: Actor) -> list[Place]:
    """Return the places that other buyers offer, those first whose pool froze first; one query."""
    rows = offered_rows(actor)[:MOST_ROWS]
    return [_place(list(of)) for _, of in groupby(rows, key=lambda row: (row.pool_id, row.buyer_id, row.line_id))]


def _place(rows: list[models.Commitment]) -> Place:
    first = rows[0]
    deposit = Money.from_minor(sum(row.deposit_minor for row in rows), first.currency)
    quantity = sum((row.allocated for row in rows), Decimal(0))
    return Place(first.ref, first.pool, quantity, _ceilings(rows), deposit, first.offered_at or first.joined_at)


def _ceilings(rows: Iterable[models.Commitment]) -> tuple[Decimal | None, ...]:
    found = {row.ceiling for row in rows}
    known = sorted((one for one in found if one is not None), reverse=True)
    return (*((None,) if None in found else ()), *known)
