"""The search beside the bound: one thread of machine code that takes lots apart and plans them again until stopped."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

from procurement.engines.award.decision import AwardLine, Mix, PackageAward, Unserved
from procurement.engines.award.lots import Lots
from procurement.engines.award.plans import BARRED, FREE
from procurement.engines.award.pricing import PLACES
from procurement.engines.award.problem import Bid, Package
from procurement.engines.award.rebuild import Limits, Standing, bench_of, copy_to, improve, plan_again, seeded, weigh
from procurement.engines.award.sending import NEVER
from procurement.engines.linear import Stopwatch

HOT, COLD = 0.07, 0.007  # of a lot's mean cost
CHUNK_SECONDS = 0.05
SWAPS = 0.1  # of the moves close a winner and open another
SEED = 20120630
LEAST_LIKED, TAKEN = 1e-3, 0.5
ADVICE_SHARE, ADVICE_HOT, ADVICE_MOVES = 0.05, 0.03, 40  # of the seconds; of a lot's mean cost; moves at a time

Advice = tuple[tuple[int, ...], tuple[int, ...]]  # winners, packages


def limits_of(lots: Lots) -> Limits:
    """Return the rules in numbers."""
    rules = lots.problem.rules
    return Limits(
        rules.winners_min,
        rules.winners_max,
        rules.winners_per_lot,
        rules.fixed_cost_per_winner,
        lots.limit,
        np.array([one.price for one in lots.packages], np.int64),
    )


def nothing_of(lots: Lots) -> Standing:
    """Return the award that serves nobody."""
    table = lots.table
    count, regions = table.demand.shape
    suppliers = len(lots.limit)
    state = Standing(
        np.zeros((count, PLACES), np.int64),
        np.zeros((count, PLACES), np.int64),
        np.zeros((count, PLACES + 1, regions), np.int64),
        np.zeros(count, np.int64),
        table.demand.sum(axis=1) * table.reserve,
        np.zeros(suppliers, np.int64),
        np.zeros(suppliers, np.int64),
        np.zeros(len(lots.packages), np.int64),
        np.zeros(1, np.int64),
    )
    state.sent[:, 0] = table.demand
    return state


class Search(threading.Thread):
    """Searches until the time is over or `stop` is set; `best` is the cheapest award so far, or None."""

    def __init__(self, lots: Lots, seconds: float) -> None:
        super().__init__(daemon=True)
        self.lots, self.limits = lots, limits_of(lots)
        self.seconds, self.watch = seconds, Stopwatch(seconds)
        self.mu = np.zeros(len(lots.limit), np.int64)
        self.liked = np.full(len(lots.limit), 0.5)
        self.halt = threading.Event()
        self.lock = threading.Lock()
        self.moves = 0
        self._seen: set[Advice] = set()
        self._advice: deque[Advice] = deque(maxlen=3)
        self._best = nothing_of(lots)
        self._best.total[0] = weigh(self._best, self.limits)

    @property
    def total(self) -> int:
        """The cheapest total so far; NEVER while there is none."""
        with self.lock:
            return int(self._best.total[0])

    @property
    def best(self) -> Standing | None:
        with self.lock:
            if self._best.total[0] == NEVER:
                return None
            copy = nothing_of(self.lots)
            copy_to(self._best, copy)
            return copy

    def guide(self, mu: np.ndarray, winners: np.ndarray, packages: np.ndarray) -> None:
        """Price room, and lean towards winners and packages, as the bound does."""
        self.mu[:] = np.rint(mu).astype(np.int64)
        self.liked[:] = np.clip(winners, 0.0, 1.0)
        ranked = np.argsort(-winners, kind="stable")[: self.limits.winners_max]
        taken = tuple(np.flatnonzero(packages > TAKEN).tolist())
        chosen = (tuple(sorted(int(at) for at in ranked if winners[at] > LEAST_LIKED)), taken)
        if chosen not in self._seen:
            self._seen.add(chosen)
            self._advice.append(chosen)

    def run(self) -> None:
        state, spare, best = (nothing_of(self.lots) for _ in range(3))
        seeded(SEED)
        best.total[0] = weigh(best, self.limits)
        largest = np.argsort(-self.lots.limit, kind="stable")[: self.limits.winners_max]
        self._begin(state, (tuple(largest.tolist()), ()))
        if state.total[0] < best.total[0]:
            copy_to(state, best)
        self._show(best)
        moves = 50
        while not self.halt.is_set() and self.watch.left > 0:
            if self._advice:
                self._follow(self._advice.pop(), state, spare, best)
            before = self.watch.left
            heat = self._mean(state, best)
            done = 1 - before / self.seconds
            after = min(1.0, done + CHUNK_SECONDS / self.seconds)
            hot, cold = (heat * HOT * (COLD / HOT) ** at for at in (done, after))
            improve(self.lots.table, self.limits, state, spare, best, self.mu, self.liked, moves, hot, cold, SWAPS)
            self.moves += moves
            self._show(best)
            took = max(1e-4, before - self.watch.left)
            moves = max(10, int(moves * min(2.0, CHUNK_SECONDS / took)))

    def _show(self, best: Standing) -> None:
        with self.lock:
            if best.total[0] < self._best.total[0]:
                copy_to(best, self._best)

    def _mean(self, state: Standing, best: Standing) -> float:
        """What a lot costs about."""
        least = min(int(state.total[0]), int(best.total[0]))
        return max(1.0, least / max(1, len(self.lots.table.sources))) if least < NEVER else 1.0

    def _begin(self, state: Standing, advice: Advice) -> None:
        """Plan every lot anew among some winners, with some packages, with room at its price."""
        table, limits = self.lots.table, self.limits
        copy_to(nothing_of(self.lots), state)
        bench = bench_of(table, limits)
        bench.open[:] = BARRED
        bench.open[list(advice[0])] = FREE
        state.taken[list(advice[1])] = 1
        bench.mu[:] = self.mu
        parts = np.isin(table.package, advice[1]).any(axis=1)
        able = all(plan_again(table, limits, state, bench, lot) for lot in np.argsort(~parts, kind="stable"))
        state.total[0] = weigh(state, limits) if able else NEVER

    def _follow(self, advice: Advice, state: Standing, spare: Standing, best: Standing) -> None:
        """Begin from what the bound advises; go back where that is no better after a while."""
        kept, own = nothing_of(self.lots), nothing_of(self.lots)
        copy_to(state, kept)
        self._begin(state, advice)
        if state.total[0] == NEVER:
            copy_to(kept, state)
            return
        copy_to(state, own)
        watch = Stopwatch(min(ADVICE_SHARE * self.seconds, self.watch.left))
        whole, heat = max(watch.left, 1e-3), self._mean(state, best)
        while watch.left > 0 and not self.halt.is_set():
            hot = heat * ADVICE_HOT * (COLD / ADVICE_HOT) ** (1 - watch.left / whole)
            improve(
                self.lots.table, self.limits, state, spare, own, self.mu, self.liked, ADVICE_MOVES, hot, hot, 0.0
            )  # fmt: skip
            self.moves += ADVICE_MOVES
        better = own.total[0] < kept.total[0]
        copy_to(own if better else kept, state)
        if own.total[0] < best.total[0]:
            copy_to(own, best)
            self._show(best)


def mix_of(lots: Lots, state: Standing) -> Mix:
    """Return the mix that a standing says."""
    problem, lines, left = lots.problem, [], []
    spreads: dict[str, dict[str, dict[str, int]]] = {}
    for at, lot in enumerate(problem.lots):
        size = int(state.size[at])
        for place in range(size + 1):
            units = {
                region: count
                for region, count in zip(problem.regions, state.sent[at, place].tolist(), strict=True)
                if count
            }
            if place == size:
                left += [Unserved(lot.lot, region, count) for region, count in units.items()]
                continue
            source = lots.sources[at][state.source[at, place]]
            if isinstance(source, Bid):
                lines += [AwardLine(source.bid, region, count) for region, count in units.items()]
            elif isinstance(source, Package):
                spreads.setdefault(source.package, {})[lot.lot] = units
    taken = tuple(PackageAward(name, spread) for name, spread in spreads.items())
    return Mix(tuple(lines), taken, tuple(left))
