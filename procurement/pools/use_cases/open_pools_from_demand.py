"""Pool the demand that waits: whole markets at once, in a handful of statements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import IntegrityError, transaction

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.queries import PoolRule
from marketplace.events import use_cases as events_
from marketplace.foundation.fields import scaled
from marketplace.kernel.clock import midnight
from marketplace.kernel.periods import window_of
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from procurement.demand import queries as demand
from procurement.demand import use_cases as demand_
from procurement.demand.queries import DemandLine
from procurement.demand.use_cases import LinesMoved
from procurement.pools import events, models, queries, rules
from procurement.pools.queries import slices
from procurement.pools.states import JOINABLE
from procurement.pools.use_cases.open_pool import standing_terms
from procurement.pools.use_cases.taking import take

BATCH = 2_000


class DemandMoved(Refusal):
    """Somebody pooled some of the same lines at this moment."""

    code = "demand_moved"
    words = gettext_noop("Somebody pooled some of these lines meanwhile. Start again: what is left will be pooled.")


class Need(NamedTuple):
    """What makes lines poolable with each other."""

    product_id: int
    region: str
    window_start: date
    window_end: date
    currency: str
    unit: str


def open_pools_from_demand(
    *,
    after: date | None = None,
    before: date | None = None,
    window: str | None = "month",
    region_scope: str | None = None,
    freeze_at: datetime | timedelta,
    by: str,
    at: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """Put every open line into the pool of its product, region and window; return the refs of the pools that took any.

    Products that are equal in what must match fall into one pool, that of the first of them.

    Each line becomes commitments of its own, one or one a level of its demand curve, with their own ceiling, tolerance
    and place in the queue. An open pool of the same need takes the lines before a new one is opened; lines beyond its
    capacity stay open, and those that a filling pool does not take.

    after, before  only lines needed from a day strictly between the two
    window         `month` or `week`; None follows the standing rule of each category
    region_scope   `each` or `all` regions together; None follows the standing rule
    freeze_at      when the new pools freeze; or how long before its window each does: lines for which that
                   time has come then stay open
    progress       told (lines pooled, lines to pool)

    :raises DemandMoved: a twin pooled some of the lines; nothing was done.
    """
    try:
        with transaction.atomic():
            lines = list(demand.open_lines(after=after, before=before))
            return _Run(window, region_scope, freeze_at, by, at, progress).pool(lines)
    except (IntegrityError, LinesMoved) as error:
        raise DemandMoved from error


@dataclass(frozen=True)
class _Run:
    """One run, with what it was asked for; what is None follows the standing rule of each product's category."""

    window: str | None
    region_scope: str | None
    freeze_at: datetime | timedelta
    by: str
    at: datetime
    progress: Callable[[int, int], None] | None

    def pool(self, lines: Sequence[DemandLine]) -> list[str]:
        stand_ins = queries.stand_ins({line.product_id for line in lines})
        lines = [line._replace(product_id=stand_ins[line.product_id]) for line in lines]
        standing = catalogue.rules_for({line.product_id for line in lines})
        waiting = self._gathered(lines, standing)
        there = _pools_there(waiting)
        new = {
            need: lines
            for need, lines in waiting.items()
            if need not in there and self._in_time(need) and self._opens(standing[need.product_id])
        }
        filled = self._fill(there, waiting)
        opened = self._open(new, standing)
        places = [*filled, *zip(opened, new.values(), strict=True)]
        count = self._commit([(pool, line) for pool, lines in places for line in lines])
        if places:
            fact = events.PoolsFilledFromDemand([p.ref for p in opened], [p.ref for p, _ in filled], count)
            events_.record(fact, source_ref=places[0][0].ref, at=self.at)
        return [pool.ref for pool, _ in places]

    def _freezes(self, need: Need) -> datetime:
        if isinstance(self.freeze_at, datetime):
            return self.freeze_at
        return midnight(need.window_start) - self.freeze_at

    def _opens(self, rule: PoolRule) -> bool:
        """Return whether a run that follows the standing rules opens pools of such a product."""
        return self.window is not None or rule.opens_pools

    def _in_time(self, need: Need) -> bool:
        return isinstance(self.freeze_at, datetime) or self._freezes(need) > self.at

    def _gathered(self, lines: Sequence[DemandLine], standing: Mapping[int, PoolRule]) -> dict[Need, list[DemandLine]]:
        """Return the lines of each need, oldest first, in the order of product, region and window."""
        by_window: dict[str, list[DemandLine]] = {}
        for line in lines:
            by_window.setdefault(self.window or standing[line.product_id].window, []).append(line)
        gathered: dict[Need, list[DemandLine]] = {}
        for kind, some in by_window.items():
            scopes = (self.region_scope or standing[line.product_id].region_scope for line in some)
            regions = ["" if scope == "all" else line.region for scope, line in zip(scopes, some, strict=True)]
            needs, of_line = _needs(some, regions, kind)
            for line, place in zip(some, of_line, strict=True):
                gathered.setdefault(needs[place], []).append(line)
        return {need: gathered[need] for need in sorted(gathered)}

    def _fill(
        self, there: Mapping[Need, models.Pool], waiting: Mapping[Need, list[DemandLine]]
    ) -> list[tuple[models.Pool, list[DemandLine]]]:
        """Reserve room in the pools that are open already, oldest lines first; what does not fit stays open demand.

        A pool that limits its members, or whose members name a hub, is joined by its members alone.
        """
        places = []
        with_hubs = set(models.PoolHub.objects.filter(pool__in=list(there.values())).values_list("pool_id", flat=True))
        for need, pool in sorted(there.items(), key=lambda pair: pair[1].pk):
            if pool.member_limit is not None or pool.pk in with_hubs:
                continue
            lines = _that_fit(waiting[need], None if pool.capacity is None else pool.capacity - pool.joined)
            if lines and self._take(pool, lines):
                places.append((pool, lines))
        return places

    def _take(self, pool: models.Pool, lines: Sequence[DemandLine]) -> bool:
        """Reserve room for all the lines; where the pool takes no such change, they stay open."""
        try:
            take(pool, _sum(lines), _tolerance(lines), at=self.at)
        except Refusal:
            return False
        return True

    def _open(self, new: Mapping[Need, Sequence[DemandLine]], standing: Mapping[int, PoolRule]) -> list[models.Pool]:
        refs = events_.next_refs("PL", len(new), at=self.at) if new else []
        pools = []
        for ref, (need, lines) in zip(refs, new.items(), strict=True):
            rule = standing[need.product_id]
            pool = models.Pool(
                ref=ref,
                **need._asdict(),
                joined=_sum(lines),
                tolerance_joined=_tolerance(lines),
                minimum=rule.minimum,
                **standing_terms(rule, self._freezes(need)),
                freeze_at=self._freezes(need),
                opened_at=self.at,
                opened_by=self.by,
            )
            pools.append(pool)
        return models.Pool.objects.bulk_create(pools, batch_size=BATCH)

    def _commit(self, pairs: Sequence[tuple[models.Pool, DemandLine]]) -> int:
        """Write the commitments of each line and mark the lines pooled, in batches; return how many commitments."""
        count = 0
        for start in range(0, len(pairs), BATCH):
            some = pairs[start : start + BATCH]
            rows = [row for pool, line in some for row in _commitments(pool, line, self.by)]
            for ref, row in zip(events_.next_refs("CM", len(rows), at=self.at), rows, strict=True):
                row.ref = ref
            models.Commitment.objects.bulk_create(rows, batch_size=BATCH)
            demand_.mark_lines(line_ids=[line.line_id for _, line in some], state="pooled")
            count += len(rows)
            if self.progress:
                self.progress(start + len(some), len(pairs))
        return count


def _needs(lines: Sequence[DemandLine], regions: Sequence[str], kind: str) -> tuple[list[Need], list[int]]:
    """Return the distinct needs of lines that are cut by one kind of window, and the place of each line's need."""
    import numpy as np

    from procurement.engines.pooling import group_lines

    goods = [(line.product_id, line.currency, line.unit) for line in lines]
    goods_at = {key: place for place, key in enumerate(dict.fromkeys(goods))}
    regions_at = {key: place for place, key in enumerate(dict.fromkeys(regions))}
    pools = group_lines(
        [goods_at[key] for key in goods],
        [regions_at[key] for key in regions],
        np.array([line.needed_from for line in lines], dtype="datetime64[D]"),
        [scaled(line.quantity) for line in lines],
        window=kind,
    )
    goods_of, regions_of = list(goods_at), list(regions_at)
    needs = []
    for good, region, day in zip(pools.product.tolist(), pools.region.tolist(), pools.window.tolist(), strict=True):
        product_id, currency, unit = goods_of[good]
        window = window_of(day, kind)
        needs.append(Need(product_id, regions_of[region], window.start, window.end, currency, unit))
    return needs, pools.pool_of_line.tolist()


def _pools_there(waiting: Collection[Need]) -> dict[Need, models.Pool]:
    """Return the open pool of each need that has one, whether it is due to freeze or not."""
    found = {}
    for some in slices(sorted({need.product_id for need in waiting})):
        for pool in models.Pool.objects.filter(state__in=JOINABLE, kind=rules.BULK, product_id__in=some):
            found[Need(*(getattr(pool, name) for name in Need._fields))] = pool
    return {need: pool for need, pool in found.items() if need in waiting}


def _that_fit(lines: Sequence[DemandLine], room: Decimal | None) -> list[DemandLine]:
    taken = []
    for line in lines:
        if room is not None:
            if line.quantity > room:
                continue
            room -= line.quantity
        taken.append(line)
    return taken


def _sum(lines: Sequence[DemandLine]) -> Decimal:
    return sum((line.quantity for line in lines), Decimal(0))


def _tolerance(lines: Sequence[DemandLine]) -> Decimal:
    return sum((line.tolerance for line in lines), Decimal(0))


def _commitments(pool: models.Pool, line: DemandLine, by: str) -> list[models.Commitment]:
    """Return the rows of a line: one, or one a level of its demand curve."""
    return [
        models.Commitment(
            pool=pool,
            buyer_id=line.buyer_id,
            line_id=line.line_id,
            entry=place,
            region=line.region,
            substitutes_allowed=line.substitutes_allowed,
            quantity=entry.quantity,
            tolerance=entry.tolerance,
            ceiling=entry.ceiling,
            stated_price=line.unit_price,
            currency=line.currency,
            joined_at=line.entered_at,
            joined_by=by,
        )
        for place, entry in enumerate(line.entries)
    ]
