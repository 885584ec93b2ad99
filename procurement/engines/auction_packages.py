"""Which package bids to accept so that no item is sold twice and the sum is highest: the combinatorial auction.

Prices y for items, from the linear relaxation and made whole, turn the search around: a choice of bids is worth
sum(y) - sum of the y of unsold items - sum over accepted bids of (their items' y - their price), and every term that is
taken away is >= 0. So the search looks for the choice that gives away least, item by item, within a budget that grows
until something is found: what is found first is the best, and the proof is the search itself, in whole numbers.

Field's name: winner determination in combinatorial auctions (weighted set packing).
Source: Sandholm, Algorithm for optimal winner determination in combinatorial auctions, Artificial Intelligence 135,
2002 (branching on items); the prices as a bound: Fujishima, Leyton-Brown and Shoham, Taming the computational
complexity of combinatorial auctions, IJCAI 1999.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from procurement.engines.linear import Stopwatch
from procurement.engines.reading import refuse

Integers = NDArray[np.int64]
Words = NDArray[np.uint64]
FIRST_BUDGET, GROWTH = 40, 1.5  # the first budget is 1/40 of the relaxation's value
MOST_ROUNDS, LEAST_BROKEN, LEAST_GAIN, NOTHING = 8, 0.02, 3e-3, 1e-6  # of tightening
NODES_A_SECOND = 200_000  # until measured
MOST_PRICE = 2**52


@dataclass(frozen=True)
class PackageBid:
    """One price for all of some items; whole money >= 0."""

    bid: str
    items: frozenset[int]
    price: int


@dataclass(frozen=True)
class Accepted:
    """The bids to accept, their sum, and no choice that is worth more than `bound`."""

    bids: tuple[str, ...]
    total: int
    bound: int
    nodes: int

    @property
    def proved(self) -> bool:
        return self.total == self.bound


def accept(bids: Sequence[PackageBid], seconds: float = 10.0) -> Accepted:
    """Return the bids that are worth most together and share no item.

    bids      names differ; a bid without items is accepted whatever the others are
    seconds   wall time; when it is over, the best so far with its bound
    returns   whole numbers throughout: `proved` rests on no floating point

    :raises BadValue: a name twice, a negative price, one beyond 2^52.
    """
    _sensible(bids)
    watch = Stopwatch(seconds)
    free = [one for one in bids if not one.items]
    left = _worth_having([one for one in bids if one.items and one.price > 0])
    found = _search(left, watch) if left else Accepted((), 0, 0, 0)
    extra = sum(one.price for one in free)
    names = {one.bid for one in free} | set(found.bids)
    return Accepted(
        tuple(one.bid for one in bids if one.bid in names), found.total + extra, found.bound + extra, found.nodes
    )


def _sensible(bids: Sequence[PackageBid]) -> None:
    seen: set[str] = set()
    for one in bids:
        if one.bid in seen:
            refuse("bids", one.bid, "stands twice")
        if not 0 <= one.price <= MOST_PRICE:
            refuse(f"{one.bid}.price", one.price, "negative" if one.price < 0 else "too large")
        seen.add(one.bid)


def _worth_having(bids: Sequence[PackageBid]) -> list[PackageBid]:
    """Leave out every bid for whose items, or some of them, another pays as much."""
    ranked = sorted(bids, key=lambda bid: (-bid.price, len(bid.items)))
    if not ranked:
        return ranked
    holds = _holds(ranked)
    within = np.ones((len(ranked), len(ranked)), np.bool_)  # the row's items are among the column's
    for word in holds.T:
        within &= word[:, None] & ~word[None, :] == 0
    beaten = [bool(one) for one in np.any(np.triu(within, 1), axis=0)]
    return [one for one, worse in zip(ranked, beaten, strict=True) if not worse]


def _holds(bids: Sequence[PackageBid]) -> Words:
    """Return the items that each bid holds, as sets."""
    items = sorted(frozenset().union(*(one.items for one in bids)))
    at = {item: place for place, item in enumerate(items)}
    return _sets([[at[item] for item in one.items] for one in bids], len(items))


def _sets(rows: Sequence[Sequence[int]], size: int) -> Words:
    """Return each row's places as a set."""
    matrix = np.zeros((len(rows), size), np.bool_)
    for row, places in zip(matrix, rows, strict=True):
        row[places] = True
    return _bits(matrix)


def _share(holds: Words) -> NDArray[np.bool_]:
    """Return which sets have a place in common."""
    common = np.zeros((len(holds), len(holds)), np.bool_)
    for word in holds.T:
        common |= word[:, None] & word[None, :] != 0
    return common


@dataclass
class _Relaxed:
    """The linear relaxation: items and cliques of bids that pairwise share an item, each sold at most once.

    A clique is one more item that all its bids hold: that changes no choice and tightens the prices.
    """

    bids: Sequence[PackageBid]
    holds: list[list[int]]  # by bid, the places of its items and cliques
    count: int  # items and cliques

    def __post_init__(self) -> None:
        import highspy

        self.unit = 2.0 ** -max(0, max(one.price for one in self.bids).bit_length() - 20)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self.bids), self.count
        program.col_cost_ = np.array([-one.price * self.unit for one in self.bids])
        program.col_lower_ = np.zeros(len(self.bids))
        program.col_upper_ = np.full(len(self.bids), highspy.kHighsInf)
        program.row_lower_, program.row_upper_ = np.full(self.count, -highspy.kHighsInf), np.ones(self.count)
        program.a_matrix_.start_ = np.cumsum([0, *(len(one) for one in self.holds)]).astype(np.int32)
        program.a_matrix_.index_ = np.array([place for one in self.holds for place in one], np.int32)
        program.a_matrix_.value_ = np.ones(len(program.a_matrix_.index_))
        self.highs = highspy.Highs()
        for option, value in {"output_flag": False, "threads": 1, "presolve": "off"}.items():
            self.highs.setOptionValue(option, value)
        self.highs.passModel(program)

    def solve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return how much of each bid is accepted, and the prices of items and cliques."""
        self.highs.run()
        solution = self.highs.getSolution()
        if not solution.dual_valid:
            return np.zeros(len(self.bids)), np.zeros(self.count)
        return np.array(solution.col_value), np.maximum(0.0, -np.array(solution.row_dual)) / self.unit

    def tighten(self, share: NDArray[np.float64], clash: NDArray[np.bool_]) -> bool:
        """Add cliques whose bids are accepted more than once together; return whether there was one."""
        ranked = [at for at in np.argsort(-share, kind="stable").tolist() if share[at] > NOTHING]
        found = set()
        for first in ranked:
            clique, common = [first], clash[first].copy()
            for other in ranked:
                if common[other]:
                    clique.append(other)
                    common &= clash[other]
            if share[clique].sum() > 1 + LEAST_BROKEN:
                rest = [at for at in np.flatnonzero(common).tolist() if share[at] <= NOTHING]
                for other in rest:
                    if common[other]:
                        clique.append(other)
                        common &= clash[other]
                found.add(tuple(sorted(clique)))
        for members in found:
            self.highs.addRow(-1e30, 1.0, len(members), np.array(members, np.int32), np.ones(len(members)))
            for at in members:
                self.holds[at].append(self.count)
            self.count += 1
        return bool(found)

    def whole_prices(self, duals: NDArray[np.float64]) -> Integers:
        """Return prices in whole money such that no bid pays more than what it holds."""
        prices = np.ceil(duals).astype(np.int64)
        for one, places in zip(self.bids, self.holds, strict=True):  # what floating point left short
            prices[places[0]] += max(0, one.price - int(prices[places].sum()))
        return prices


def _clashes(bids: Sequence[PackageBid]) -> NDArray[np.bool_]:
    """Return which bids share an item with which."""
    clash = _share(_holds(bids))
    np.fill_diagonal(clash, False)
    return clash


def _relaxed(bids: Sequence[PackageBid], watch: Stopwatch) -> tuple[_Relaxed, NDArray[np.float64], Integers]:
    """Relax, tighten while it pays, and return what is accepted in part and the whole prices."""
    items = sorted(frozenset().union(*(one.items for one in bids)))
    at = {item: place for place, item in enumerate(items)}
    relaxed = _Relaxed(bids, [[at[item] for item in sorted(one.items)] for one in bids], len(items))
    share, duals = relaxed.solve()
    if (np.abs(share - np.rint(share)) > NOTHING).any():
        clash, value = _clashes(bids), float(duals.sum())
        for _ in range(MOST_ROUNDS):
            if watch.left <= 0 or not relaxed.tighten(share, clash):
                break
            share, duals = relaxed.solve()
            gained, value = value - float(duals.sum()), float(duals.sum())
            if gained < LEAST_GAIN * value:
                break
    return relaxed, share, relaxed.whole_prices(duals)


def _search(bids: Sequence[PackageBid], watch: Stopwatch) -> Accepted:
    relaxed, share, prices = _relaxed(bids, watch)
    first, most = np.zeros(len(bids), np.int64), int(prices.sum())
    best, done, nodes = _greedy(bids, share, first), 0, 0
    if most > best:
        board = _board(relaxed, prices)
        budget, rate = max(1, most // FIRST_BUDGET), float(NODES_A_SECOND)
        while watch.left > 0 and most - done > best:
            budget = min(budget, most - best)
            chosen, before = np.zeros(len(bids), np.int64), watch.left
            least, visited, finished = _give_away(*board.sets, budget, int(rate * before) + 1, chosen)
            nodes, rate = nodes + visited, max(rate, visited / max(1e-3, before - watch.left))
            if least < budget and most - least > best:
                best, first = most - least, np.zeros(len(bids), np.int64)
                first[board.order] = chosen
            if not finished:
                break
            done = min(least, budget)
            budget = int(budget * GROWTH) + 1
    names = tuple(one.bid for one, here in zip(bids, first, strict=True) if here)
    return Accepted(names, best, max(best, most - done), nodes)


@dataclass(frozen=True)
class _Board:
    """Bids sorted by what they give away, items by price, as sets of each other."""

    order: Integers
    sets: tuple[Words, Words, Words, Integers, Integers]


def _board(relaxed: _Relaxed, prices: Integers) -> _Board:
    given = np.array(
        [int(prices[one].sum()) - bid.price for one, bid in zip(relaxed.holds, relaxed.bids, strict=True)], np.int64
    )
    order, dear = np.argsort(given, kind="stable"), np.argsort(-prices, kind="stable")
    place = np.empty(relaxed.count, np.int64)
    place[dear] = np.arange(relaxed.count)
    matrix = np.zeros((len(order), relaxed.count), np.bool_)
    for bid, row in zip(order.tolist(), matrix, strict=True):
        row[place[relaxed.holds[bid]]] = True
    holds = _bits(matrix)
    return _Board(order, (_bits(matrix.T), holds, _bits(_share(holds)), given[order], prices[dear]))


def _greedy(bids: Sequence[PackageBid], share: NDArray[np.float64], chosen: Integers) -> int:
    """Accept by how much the relaxation does, then by price over the root of the items' number; return the sum."""
    sold: set[int] = set()
    total = 0
    ranked = sorted(
        range(len(bids)), key=lambda at: (-round(float(share[at]), 3), -bids[at].price / len(bids[at].items) ** 0.5)
    )
    for place in ranked:
        if not bids[place].items & sold:
            sold |= bids[place].items
            chosen[place] = 1
            total += bids[place].price
    return total


def _bits(rows: NDArray[np.bool_]) -> Words:
    """Return each row as a set of places, 64 to a word."""
    padded = np.zeros((rows.shape[0], max(1, -(-rows.shape[1] // 64)) * 64), np.bool_)
    padded[:, : rows.shape[1]] = rows
    return np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _count(word: Any) -> Any:
    """Return how many places a word holds (Warren, Hacker's Delight, section 5-1)."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _below(given: Integers, room: int, within: Words) -> Any:
    """Write the set of bids that give away less than `room` (they are sorted by it); return how many words it fills."""
    count = np.searchsorted(given, room)
    full = np.int64(count // 64)
    for word in range(full):
        within[word] = ~np.uint64(0)
    if count % 64:
        within[full] = (np.uint64(1) << np.uint64(count % 64)) - np.uint64(1)
        full += 1
    return full


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _scarcest(wants: Words, price: Integers, able: Words, words: int, sold: Words, room: int) -> tuple[int, int]:
    """Return the open item with the fewest ways to go on within `room`, and how many; -1 when none is open."""
    item, fewest = -1, 2**62
    for one in range(len(price)):
        if price[one] == 0:
            break  # sorted by price: what is left costs nothing unsold
        if sold[one // 64] >> np.uint64(one % 64) & np.uint64(1):
            continue
        count = 1 if price[one] < room else 0
        for word in range(words):
            both = able[word] & wants[one, word]
            if both:
                count += _count(both)
                if count >= fewest:
                    break
        if count < fewest:
            item, fewest = one, count
            if count == 0:
                break
    return item, fewest


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _give_away(
    wants: Words, holds: Words, clash: Words, given: Integers, price: Integers, budget: int, most_nodes: int,
    chosen: Integers,
) -> tuple[int, int, bool]:  # fmt: skip
    """Return the least given away below `budget` (else `budget`), nodes, and whether every way was tried.

    Depth first: the scarcest item goes to each bid that still can have it, or to nobody, the cheapest way first.
    """
    items, words = wants.shape
    able = np.zeros((items + 2, words), np.uint64)  # bids that no choice so far clashes with
    todo = np.zeros((items + 2, words), np.uint64)  # bids still to try for the item
    sold = np.zeros((items + 2, holds.shape[1]), np.uint64)
    within, here = np.zeros(words, np.uint64), np.zeros(words, np.uint64)
    item_at, lost = np.zeros(items + 2, np.int64), np.zeros(items + 2, np.int64)
    taken = np.full(items + 2, -1, np.int64)
    nobody = np.zeros(items + 2, np.bool_)  # still to try
    able[0] = ~np.uint64(0)
    if len(given) % 64:
        able[0, words - 1] = (np.uint64(1) << np.uint64(len(given) % 64)) - np.uint64(1)
    best, nodes, depth, down = budget, 0, 0, True
    while True:
        if down:
            nodes += 1
            if nodes > most_nodes:
                return best, nodes, False
            down = False
            size = _below(given, best - lost[depth], within)
            for word in range(size):
                here[word] = able[depth, word] & within[word]
            item, ways = _scarcest(wants, price, here, size, sold[depth], best - lost[depth])
            if item < 0 and lost[depth] < best:
                best = lost[depth]
                chosen[:] = 0
                for at in range(depth):
                    if taken[at] >= 0:
                        chosen[taken[at]] = 1
            if item < 0 or ways == 0:
                depth -= 1
            else:
                item_at[depth], nobody[depth] = item, True
                for word in range(words):
                    todo[depth, word] = here[word] & wants[item, word] if word < size else np.uint64(0)
        if depth < 0:
            return best, nodes, True
        item, bid = item_at[depth], -1
        for word in range(words):
            left = todo[depth, word]
            if left:
                bid = word * 64 + _count((left & (~left + np.uint64(1))) - np.uint64(1))
                break
        if nobody[depth] and (bid < 0 or price[item] <= given[bid]):
            nobody[depth], bid, cost = False, -1, price[item]
        elif bid >= 0:
            todo[depth, bid // 64] &= ~(np.uint64(1) << np.uint64(bid % 64))
            cost = given[bid]
        else:
            depth -= 1
            continue
        if lost[depth] + cost >= best:
            continue
        taken[depth] = bid
        lost[depth + 1] = lost[depth] + cost
        for word in range(words):
            gone = clash[bid, word] if bid >= 0 else wants[item, word]
            able[depth + 1, word] = able[depth, word] & ~gone
        for word in range(holds.shape[1]):
            sold[depth + 1, word] = sold[depth, word] | (holds[bid, word] if bid >= 0 else np.uint64(0))
        if bid < 0:
            sold[depth + 1, item // 64] |= np.uint64(1) << np.uint64(item % 64)
        depth, down = depth + 1, True
