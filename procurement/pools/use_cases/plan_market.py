"""Plan a whole market: when every line is best bought, kept as a plan that staff can look at."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from numpy.typing import NDArray

from marketplace.events import use_cases as events_
from marketplace.kernel import clock
from marketplace.kernel.refusals import BadValue
from procurement.pools import models
from procurement.pools.use_cases.plan_rows import read_lines, update_closings, write_lines

if TYPE_CHECKING:  # they bring the compiler, which only who plans shall wait for
    from procurement.engines.pooling.market import Market
    from procurement.engines.pooling.planning import MarketDecision

Integers = NDArray[np.int64]

PARTS = 32
BETTER = "procurement.pools.tasks.better_market_plan"  # the task, a door, by its name
LEASE = timedelta(minutes=5)
SUMS = ("total", "bound", "pools", "components", "exact_components", "exact_quantity", "left_out")


@dataclass(frozen=True)
class Source:
    """Where a market comes from and how its numbers are named, for the plan's record."""

    name: str
    estimate: bool = False
    note: str = ""
    alone: int | None = None
    products: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


def plan_market_files(*, lines: bytes, tiers: bytes, effort: str, by: str, at: datetime, name: str = "file") -> str:
    """Plan the market of two CSV files and keep the plan; return its ref.

    :raises BadValue: the files are no market, or another effort.
    """
    from procurement.engines.pooling.csv_files import read_market

    return keep_market_plan(market=read_market(lines, tiers), source=Source(name), effort=effort, by=by, at=at)


def keep_market_plan(*, market: Market, source: Source, effort: str, by: str, at: datetime) -> str:
    """Plan a market and keep the plan; return its ref. With `REDIS_URL`, `best` is spread over Celery workers.

    :raises BadValue: another effort.
    """
    from procurement.engines.pooling.planning import EFFORTS, plan_market

    if effort not in EFFORTS:
        raise BadValue(place="effort", value=effort, reason=f"none of {', '.join(EFFORTS)}")
    if effort == "best" and settings.REDIS_URL:
        return _spread(market, source, by, at)
    decision = plan_market(market, effort=effort)
    with transaction.atomic():
        plan = _record(market, source, effort, by, at)
        write_lines(plan.pk, _columns(market, decision.closing))
        models.MarketPlan.objects.filter(pk=plan.pk).update(**_figures(market, decision))
    return plan.ref


def _record(market: Market, source: Source, effort: str, by: str, at: datetime) -> models.MarketPlan:
    return models.MarketPlan.objects.create(
        ref=events_.next_ref("MP", at=at),
        source=source.name,
        problem_sha256=market.sha256,
        effort=effort,
        estimate=source.estimate,
        note=source.note,
        alone=source.alone,
        lines=len(market),
        quantity=int(market.quantity.sum()),
        products=list(source.products),
        regions=list(source.regions),
        planned_by=by,
        planned_at=at,
    )


def _columns(market: Market, closing: Integers) -> list[Integers]:
    product = market.tariffs.product[market.product]
    windows = [market.quantity, market.earliest, market.deadline, market.ceiling]
    return [market.line, product, market.region, *windows, closing]


def _figures(market: Market, decision: MarketDecision) -> dict[str, Any]:
    figures = {name: getattr(decision, name) for name in SUMS if name != "exact_quantity"}
    return figures | {"exact_quantity": round(decision.exact_quantity_share * int(market.quantity.sum()))}


def _spread(market: Market, source: Source, by: str, at: datetime) -> str:
    """Keep the fast decision with its parts, ring for workers, and work on parts until all are done."""
    from procurement.engines.pooling.planning import sweep_market

    closing = sweep_market(market)
    with transaction.atomic():
        plan = _record(market, source, "best", by, at)
        write_lines(plan.pk, _columns(market, closing))
        parts = models.MarketPlanPart.objects.bulk_create(_parts(plan, market))
    _ring(plan.ref, len(parts))
    while better_next_part(plan_ref=plan.ref, worker=f"caller:{os.getpid()}", at=clock.now()):
        pass
    return finish_plan(plan_ref=plan.ref, wait=lambda: time.sleep(0.2))


def _ring(plan_ref: str, parts: int) -> None:
    """Ring once a part; who hears it takes the next one that waits. Nobody needs to: the caller works too."""
    from celery import current_app
    from kombu.exceptions import OperationalError

    try:
        for _ in range(parts):
            current_app.send_task(BETTER, args=[plan_ref], expires=300, retry=False)
    except OperationalError:
        return  # no broker: the rows are there, and the caller works through them


def _parts(plan: models.MarketPlan, market: Market) -> list[models.MarketPlanPart]:
    """Cut the products into ranges of about the same number of lines."""
    tariffs = market.tariffs
    after = np.cumsum(np.bincount(market.product, minlength=len(tariffs.product)))
    ends = np.searchsorted(after, np.arange(1, PARTS) * len(market) / PARTS) + 1
    ranges = [part for part in np.split(np.arange(len(tariffs.product)), np.unique(ends)) if len(part)]
    return [
        models.MarketPlanPart(
            plan=plan,
            number=number,
            first_product=int(tariffs.product[part[0]]),
            last_product=int(tariffs.product[part[-1]]),
            tiers=_tiers(market, part),
        )
        for number, part in enumerate(ranges)
    ]


def _tiers(market: Market, part: Integers) -> list[list[int]]:
    tariffs = market.tariffs
    rows, columns = np.nonzero(tariffs.start[part] < 2**53)
    places = part[rows]
    table = [tariffs.product[places], tariffs.start[places, columns], tariffs.price[places, columns]]
    return [list(row) for row in zip(*(one.tolist() for one in table), strict=True)]


def better_next_part(*, plan_ref: str, worker: str, at: datetime) -> bool:
    """Claim one part of a plan that waits (or whose lease ran out), decide it better; False when there is none."""
    from procurement.engines.pooling.market import market_of, tariffs_of
    from procurement.engines.pooling.planning import plan_market

    part = _claim(plan_ref, worker, at)
    if part is None:
        return False
    columns = read_lines(part.plan_id, part.first_product, part.last_product)
    figures = dict.fromkeys(SUMS, 0)
    if len(columns[0]):
        product, start, price = np.array(part.tiers, np.int64).T
        tariffs = tariffs_of(product, start, price)
        market = market_of(columns[:-1], tariffs)
        decision = plan_market(market, effort="best")
        figures = _figures(market, decision)
        changed = decision.closing != columns[-1]
    with transaction.atomic():
        mine = models.MarketPlanPart.objects.filter(pk=part.pk, worker=worker, until=part.until, figures__isnull=True)
        if mine.update(figures=figures, until=None) and len(columns[0]):
            update_closings(part.plan_id, columns[0][changed], decision.closing[changed])
    return True


def _claim(plan_ref: str, worker: str, at: datetime) -> models.MarketPlanPart | None:
    free = Q(until__isnull=True) | Q(until__lt=at)
    waiting = models.MarketPlanPart.objects.filter(free, plan__ref=plan_ref, figures__isnull=True).order_by("number")
    for part in list(waiting):
        lease = at + LEASE
        same = models.MarketPlanPart.objects.filter(pk=part.pk, until=part.until, figures__isnull=True)
        if part.until is None:
            same = models.MarketPlanPart.objects.filter(pk=part.pk, until__isnull=True, figures__isnull=True)
        if same.update(until=lease, worker=worker):
            part.until, part.worker = lease, worker
            return part
    return None


def finish_plan(*, plan_ref: str, wait: Callable[[], None]) -> str:
    """Wait until every part of a plan is done, taking up what others dropped, and add the parts up."""
    parts = models.MarketPlanPart.objects.filter(plan__ref=plan_ref)
    while parts.filter(figures__isnull=True).exists():
        if not better_next_part(plan_ref=plan_ref, worker=f"caller:{os.getpid()}", at=clock.now()):
            wait()
    figures = list(parts.values_list("figures", flat=True))
    sums = {name: sum(one[name] for one in figures if one) for name in SUMS}
    models.MarketPlan.objects.filter(ref=plan_ref).update(**sums)
    return plan_ref
