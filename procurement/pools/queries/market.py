"""What is wanted in a pool at which price, and what that comes to; sums, never names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from procurement.engines.clearing import Outcome
from procurement.pools import models
from procurement.pools.queries.previewing import terms_of, wants_of
from procurement.pools.queries.reading import slices
from procurement.pools.rules import LiveFigures, Plan, plan_packs, smaller_arrival
from procurement.pools.rules.allocation import plan_as_bound
from procurement.pools.rules.market import Asked, clear_indicative, in_tenths, part_of
from procurement.pools.states import JOINABLE, LIVE, PoolState

ENOUGH = 5  # other members, from which it is told what the pool would come to without the largest of them
FEWER = Decimal(80)  # per cent of an order that arrive, where nobody says how much would


def asked(pool: models.Pool, organisation: str) -> Asked:
    """Return what the live rows of a pool want, by ceiling, seen by one organisation; one query."""
    rows = pool.commitments.filter(state__in=LIVE).values_list("buyer_id", "buyer__ref", "ceiling")
    mine: dict[Decimal | None, Decimal] = {}
    others: dict[Decimal | None, Decimal] = {}
    each: dict[int, dict[Decimal | None, Decimal]] = {}
    for buyer_id, ref, ceiling, quantity in rows.annotate(Sum("quantity")).order_by("buyer_id"):
        if ref == organisation:
            mine[ceiling] = quantity
            continue
        others[ceiling] = others.get(ceiling, Decimal(0)) + quantity
        each.setdefault(buyer_id, {})[ceiling] = quantity
    largest = max(each.values(), key=lambda one: sum(one.values()), default={})
    told = list(largest.items()) if len(each) >= ENOUGH else None
    return Asked(list(mine.items()), list(others.items()), told)


def clearings(pools: Sequence[models.Pool], figures: Mapping[int, LiveFigures]) -> dict[int, Outcome]:
    """Return what the wants of pools at hand come to on their indicative steps, by row id; one query for 5,000 pools.

    figures   their live figures (see `lives`); pools without any indicative step are left out
    """
    wants: dict[int, list[tuple[Decimal | None, Decimal]]] = {}
    for some in slices(pool.pk for pool in pools if figures[pool.pk].indicative.steps):
        rows = models.Commitment.objects.filter(pool__in=some, state__in=LIVE).values_list("pool_id", "ceiling")
        for pool_id, ceiling, quantity in rows.annotate(Sum("quantity")).order_by():
            wants.setdefault(pool_id, []).append((ceiling, quantity))
    found = {}
    for pool in pools:
        outcome = clear_indicative(figures[pool.pk].indicative, wants.get(pool.pk, []), pool.fee_percent)
        if outcome is not None:
            found[pool.pk] = outcome
    return found


@dataclass(frozen=True)
class Previews:
    """Who would get what if the pool froze now, and who, if of that only `percent` arrived."""

    now: Plan
    fewer: Plan
    percent: Decimal


def previews(pool: models.Pool, percent: Decimal = FEWER) -> Previews | None:
    """Return both previews of a pool that has not been delivered yet, None of any other; one query.

    percent   of the order that arrives, 0 to 100, taken in whole tenths (see `in_tenths`)
    """
    percent = in_tenths(percent)
    if pool.state not in {*JOINABLE, PoolState.FROZEN, PoolState.TENDERING, PoolState.AWARDED, PoolState.ORDERED}:
        return None
    wants = wants_of(pool)
    bound = pool.state not in JOINABLE
    now = plan_as_bound(wants, pool.allocation_rule) if bound else plan_packs(wants, **terms_of(pool))
    return Previews(now, smaller_arrival(now, wants, part_of(now.ordered, percent)), percent)
