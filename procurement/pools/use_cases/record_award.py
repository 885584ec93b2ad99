"""Keep the price a tender brought, and let go whom it is too dear for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.events import use_cases as events_
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue, NotFound, StaleWrite
from procurement.engines.reasons import Reason
from procurement.pools import events, models
from procurement.pools.use_cases.fail_pool import let_everybody_go
from procurement.pools.use_cases.loading import load_pool, members_in_turn
from procurement.pools.use_cases.releasing import cut_to, release


@transaction.atomic
def record_award(
    *,
    pool_ref: str,
    unit_price: Rate,
    dropped: Mapping[str, str],
    cut: Mapping[str, tuple[Decimal, Reason]] | None = None,
    ordered: Decimal | None = None,
    by: str,
    at: datetime,
) -> None:
    """Record the blended price of landed goods; members in `dropped` go, their deposits released without penalty.

    unit_price  per unit of the pool, the same for every member of the pool
    dropped     commitment ref -> why the price drove it out
    cut         commitment ref -> (what is left for it, why), where suppliers deliver less than the pool wants; what its
                deposit is too much comes back with its invoice
    ordered     what suppliers were awarded for the pool, in all: what its members then have must add up to it

    A pool whose members all dropped has failed.

    :raises NotFound: no such pool, or a commitment that is not a live member of it.
    :raises BadValue: a price in another currency, or a negative one; a cut to nothing, or to more than was bound.
    :raises IllegalMove: the pool is not being tendered, or was awarded before.
    :raises StaleWrite: its members changed while the award was decided: decide again.
    """
    pool = load_pool(pool_ref)
    if unit_price.currency != pool.currency or unit_price.amount < 0:
        raise BadValue(place="unit_price", value=unit_price, reason=f"needs a price >= 0 in {pool.currency}")
    members = {member.ref: member for member in members_in_turn(pool)}
    for ref in (*dropped, *(cut or {})):
        if ref not in members:
            if ordered is not None:
                raise StaleWrite(ref=pool.ref, revision=pool.revision)
            raise NotFound(what="member", ref=ref)
    if members and len(dropped) == len(members):
        _fail(pool, members, dropped, by=by, at=at)
        return
    pool.move("award", by=by, at=at, unit_price=unit_price.amount)
    cut_to(pool, {members[ref]: less for ref, less in (cut or {}).items()})
    release(pool, {members[ref]: _too_dear(why) for ref, why in dropped.items()}, by=by, at=at)
    if ordered is not None and pool.ordered != ordered:
        raise StaleWrite(ref=pool.ref, revision=pool.revision)
    fact = events.PoolAwarded(pool.ref, unit_price.amount, unit_price.currency, pool.ordered, sorted(dropped))
    events_.record(fact, source_ref=pool.ref, at=at)


def _fail(
    pool: models.Pool, members: Mapping[str, models.Commitment], dropped: Mapping[str, str], *, by: str, at: datetime
) -> None:
    why = Reason("price_above_every_ceiling")
    pool.move("fail", by=by, at=at, why=why.code)
    release(pool, {members[ref]: _too_dear(reason) for ref, reason in dropped.items()}, by=by, at=at)
    let_everybody_go(pool, why=why, by=by, at=at)


def _too_dear(why: str) -> Reason:
    return Reason("price_above_ceiling", {"why": why})
