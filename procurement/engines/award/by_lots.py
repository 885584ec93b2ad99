"""Deciding a large award lot by lot: a search on one core, a bound on the other."""

from __future__ import annotations

from dataclasses import dataclass

from procurement.engines.award.branching import Tree
from procurement.engines.award.columns import Columns
from procurement.engines.award.decision import Mix
from procurement.engines.award.lots import Lots, tabulate
from procurement.engines.award.lots_proof import LotsProof
from procurement.engines.award.polish import polish
from procurement.engines.award.pricing import scale_of
from procurement.engines.award.problem import AwardProblem
from procurement.engines.award.rebuild import Standing
from procurement.engines.award.searching import Search, mix_of
from procurement.engines.linear import Stopwatch

LEAST_SCALE = 16
POLISH_SECONDS = 5.0
WARM_UP = 0.04  # of the time, before the first prices


@dataclass(frozen=True)
class ByLots:
    """What was found: an award by lot (None: none in time), the tree of the bound, and its first prices."""

    lots: Lots
    state: Standing | None
    tree: Tree
    moves: int

    @property
    def mix(self) -> Mix | None:
        return None if self.state is None else mix_of(self.lots, self.state)

    @property
    def proof(self) -> LotsProof:
        return LotsProof(self.lots, self.tree.columns.pricer.scale, self.tree.leaves)


def suited(problem: AwardProblem) -> Lots | None:
    """Return the problem's lots when each can be planned by trying, within 64 bits; else None."""
    lots = tabulate(problem)
    return lots if lots.tractable and scale_of(lots) >= LEAST_SCALE else None


def decide_by_lots(lots: Lots, watch: Stopwatch) -> ByLots:
    """Search and bound until they meet or the time is over."""
    columns = Columns(lots)
    search = Search(lots, watch.left)
    search.start()
    search.join(min(0.3, WARM_UP * watch.left))
    first = search.best
    if first is not None:
        columns.take_in(first.source, first.tier, first.sent, first.size)
    tree = Tree(columns, search.guide)
    tree.grow(lambda: search.total, watch)
    if tree.open:
        search.join(max(0.0, watch.left))
    search.halt.set()
    search.join()
    best = search.best
    if best is not None:
        polish(lots, best, POLISH_SECONDS)
    return ByLots(lots, best, tree, search.moves)
