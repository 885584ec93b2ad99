"""How a whole market pools best: components, a decision, a bound, and the proof apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from marketplace.kernel.refusals import BadValue
from procurement.engines.pooling.bound import bound_components
from procurement.engines.pooling.compiled import Integers
from procurement.engines.pooling.components import (
    Cut,
    closing_days,
    count_pools,
    counted_order,
    find_candidates,
    gather,
    group_keys,
    ranks,
    runs,
)
from procurement.engines.pooling.market import Market
from procurement.engines.pooling.search import search_components
from procurement.engines.pooling.small import LINES, enumerate_bounds, solve_components
from procurement.engines.pooling.sweep import sweep_components

WORKERS = 2
ROUNDS = (1, 3)  # tries of the annealing for each line, in the first and the second pass over the market
BOUND_ROUNDS = 500  # steps of the subgradient method at most
_MOST_KEYS = 2**25  # beyond this many keys a counting sort costs more than a comparison sort


def cut_market(market: Market) -> Cut:
    """Sort the lines by product, region, deadline and number, and cut them into components, without candidates."""
    regions = int(market.region.max()) + 1
    products = len(market.tariffs.product)
    if regions * products > _MOST_KEYS:
        codes, region = np.unique(market.region, return_inverse=True)
        regions, region = len(codes), region.astype(np.int64)
    else:
        region = market.region
    group = group_keys(market.product, region, regions)
    order = _sorted(group, products * regions, market.deadline)
    earliest, deadline = gather(order, market.earliest), gather(order, market.deadline)
    first = runs(group, order, earliest, deadline)
    quantity = gather(order, market.quantity)
    rank = ranks(order, market.product, market.ceiling, market.tariffs.price)
    product = market.product[order[first[:-1]]]
    low, high, candidate = (np.empty(len(order), np.int64) for _ in range(3))
    days = np.empty(len(product), np.int64)
    return Cut(order, earliest, deadline, quantity, rank, low, high, first, product, candidate, days)


def _sorted(group: Integers, groups: int, deadline: Integers) -> Integers:
    if groups > _MOST_KEYS or int(deadline.max()) > _MOST_KEYS:
        return np.lexsort((deadline, group))
    by_day = counted_order(deadline, int(deadline.max()), np.arange(len(group)))
    return counted_order(group, groups, by_day)


@dataclass(frozen=True)
class MarketDecision:
    """When every line of a market is bought, what that costs, and what no decision can undercut.

    closing               per line of the market, the closing day of its pool; -1 when it is left out
    total, bound          minor units; total >= the cheapest decision >= bound
    pools                 how many pools are opened
    components            maximal runs of overlapping windows per product and region
    exact_components      how many of them have a cost equal to their bound: they cannot be bettered
    exact_quantity_share  the share of the quantity in those
    seconds               deciding, from columns to decision
    proof_seconds         bounding, afterwards
    value                 per line, in 1/256 minor unit: the values that prove the bound of what was not enumerated
    component             per line, its component's number
    component_bound       per component
    """

    closing: Integers
    total: int
    bound: int
    pools: int
    components: int
    exact_components: int
    exact_quantity_share: float
    seconds: float
    proof_seconds: float
    effort: str
    value: Integers
    component: Integers
    component_bound: Integers
    sha256: str

    @property
    def left_out(self) -> int:
        """How many lines join no pool."""
        return int((self.closing < 0).sum())

    @property
    def gap(self) -> float:
        """(total - bound) / bound."""
        return (self.total - self.bound) / self.bound if self.bound else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the decision in the agreed form; the closing days stand in pools.csv."""
        return {
            "kind": "pooling",
            "problem_sha256": self.sha256,
            "total": self.total,
            "bound": self.bound,
            "pools": self.pools,
            "components": self.components,
            "exact_components": self.exact_components,
            "exact_quantity_share": round(self.exact_quantity_share, 6),
            "seconds": round(self.seconds, 4),
            "proof_seconds": round(self.proof_seconds, 4),
            "left_out": self.left_out,
            "effort": self.effort,
        }


EFFORTS = ("fast", "best")


def plan_market(
    market: Market, *, effort: str = "fast", seed: int = 1, seconds: float = 55.0, workers: int = WORKERS
) -> MarketDecision:
    """Decide when every line of a market is bought, and bound what that could cost at least.

    effort   `fast`: one closing day exactly, else a shortest path over days and single moves. `best`: besides,
             components of few lines exactly and the others by annealing, for `seconds` at most (what is not reached
             keeps its fast decision)
    seed     of the annealing; the same market, effort and seed give the same decision, unless time ran out, in however
             many parts it is decided: the dice of a component are of its first line's number
    workers  threads

    :raises BadValue: another effort.
    """
    if effort not in EFFORTS:
        raise BadValue(place="effort", value=effort, reason=f"none of {', '.join(EFFORTS)}")
    begun = time.perf_counter()
    work = Work(cut_market(market), market, workers)
    work.sweep()
    if effort == "best":
        work.better(seed, begun + seconds)
    closing = work.closing()
    decided = time.perf_counter()
    work.prove()
    return _decision(work, market, closing, effort, (decided - begun, time.perf_counter() - decided))


def sweep_market(market: Market) -> Integers:
    """Return the fast decision alone: per line its closing day, -1 when left out."""
    work = Work(cut_market(market), market)
    work.sweep()
    return work.closing()


class Work:
    """One market being decided: its components, the pool of every line, and the proof."""

    def __init__(self, cut: Cut, market: Market, workers: int = WORKERS) -> None:
        self.cut, self.workers = cut, workers
        self.names = market.line[cut.order[cut.first[:-1]]]
        self.tariffs = (market.tariffs.start, market.tariffs.price, market.tariffs.out)
        self.sizes = np.diff(cut.first)
        self.pool = np.empty(len(cut.order), np.int64)
        self.cost, self.bound = (np.zeros(len(self.sizes), np.int64) for _ in range(2))
        self.value = np.zeros(len(cut.order), np.int64)

    def sweep(self) -> None:
        """Decide everything fast."""

        def one(todo: Integers) -> None:
            find_candidates(self.cut, todo)
            sweep_components(self.cut, todo, *self.tariffs, self.pool)

        self.spread(one, self.blocks(np.arange(len(self.sizes)), 16))

    def better(self, seed: int, until: float) -> None:
        """Solve small components exactly and anneal the others, twice, until the clock says so."""
        several = self.cut.days > 1
        small = np.flatnonzero(several & (self.sizes <= LINES))
        self.spread(lambda todo: solve_components(self.cut, todo, *self.tariffs, self.pool), self.blocks(small, 64))

        large = self.blocks(np.flatnonzero(several & (self.sizes > LINES)), 256)
        for number, rounds in enumerate(ROUNDS):
            self.spread(partial(self._search, rounds, self.names + 1 + 40503 * (2 * seed + number), until), large)

    def _search(self, rounds: int, seeds: Integers, until: float, todo: Integers) -> None:
        if time.perf_counter() < until:
            search_components(self.cut, todo, *self.tariffs, self.pool, rounds, seeds)

    def prove(self) -> None:
        """Bound everything."""

        def one(todo: Integers) -> None:
            bound_components(self.cut, todo, *self.tariffs, self.pool, BOUND_ROUNDS, self.cost, self.bound, self.value)

        self.spread(one, self.blocks(np.arange(len(self.sizes)), 256))
        small = np.flatnonzero((self.bound < self.cost) & (self.sizes <= LINES))
        self.spread(
            lambda todo: enumerate_bounds(self.cut, todo, *self.tariffs, self.cost, self.bound), self.blocks(small, 64)
        )

    def spread(self, one: Callable[[Integers], None], blocks: list[Integers]) -> None:
        """Run blocks on the cores; what they write does not overlap."""
        with ThreadPoolExecutor(self.workers) as workers:
            for _ in workers.map(one, blocks):
                pass

    def closing(self) -> Integers:
        """Return per line of the market its closing day, -1 when left out."""
        return closing_days(self.cut, self.pool)

    def blocks(self, todo: Integers, most: int) -> list[Integers]:
        """Deal components into blocks of about the same quantity of lines, the largest components first."""
        if not len(todo):
            return []
        falling = todo[np.argsort(-self.sizes[todo], kind="stable")]
        after = np.cumsum(self.sizes[falling])
        cuts = np.searchsorted(after, np.arange(1, most) * (int(after[-1]) // most + 1))
        return [block for block in np.split(falling, cuts) if len(block)]


def _decision(
    work: Work, market: Market, closing: Integers, effort: str, seconds: tuple[float, float]
) -> MarketDecision:
    exact = work.cost <= work.bound
    quantity = np.add.reduceat(work.cut.quantity, work.cut.first[:-1])
    component = np.empty(len(closing), np.int64)
    component[work.cut.order] = np.repeat(np.arange(len(work.sizes)), work.sizes)
    value = np.empty(len(closing), np.int64)
    value[work.cut.order] = work.value
    return MarketDecision(
        closing=closing,
        total=int(work.cost.sum()),
        bound=int(work.bound.sum()),
        pools=count_pools(work.cut, work.pool),
        components=len(work.sizes),
        exact_components=int(exact.sum()),
        exact_quantity_share=float(quantity[exact].sum() / quantity.sum()),
        seconds=seconds[0],
        proof_seconds=seconds[1],
        effort=effort,
        value=value,
        component=component,
        component_bound=work.bound,
        sha256=market.sha256,
    )
