"""Second looks at opened bids: too low, unbalanced, too much alike. Findings carry their figures and decide nothing.

Sources: the two rules of abnormally low prices are Prozorro's (awarding milestones). The screens of collusion follow
Imhof, Detecting bid-rigging cartels with descriptive statistics, Journal of Competition Law & Economics 15(4), 2019,
and Huber and Imhof, Machine learning with screens for detecting bid-rigging cartels, International Journal of
Industrial Organization 65, 2019; subgroups for cartels that do not hold all bidders after Wallimann, Imhof and Huber.
docs/algorithms/screens.md tells the formulas, where the thresholds come from and what they catch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import sqrt
from statistics import median

BELOW_MEAN = Fraction(40, 100)  # so much below the mean of the others
BELOW_NEXT = Fraction(30, 100)  # so much below the next
LINE_FACTOR = Fraction(2)  # a line is out of balance when it is so many times dearer, or cheaper, than the bid's level
LINE_SHARE = Fraction(2, 100)  # and moves so much of the bid's total
SUBGROUPS = (3, 4)
LEAST_TENDERS = 5  # tenders in which a subgroup met, before anything is said of it
MOST_BIDDERS = 40  # bidders of one tender up to which every subgroup is looked at
ALIKE = 0.029  # median coefficient of variation of a subgroup below which its prices are too much alike
APART = 3.2  # median distance of the lowest from the rest, in gaps of the rest, from which it stands apart


@dataclass(frozen=True)
class Low:
    """A price far below the others'. Shares of 1; None where there is nothing to compare with."""

    bidder: str
    price: Fraction
    below_mean: Fraction | None
    below_next: Fraction | None

    @property
    def flagged(self) -> bool:
        by_mean = self.below_mean is not None and self.below_mean >= BELOW_MEAN
        return by_mean or (self.below_next is not None and self.below_next >= BELOW_NEXT)


def abnormally_low(prices: Mapping[str, Fraction]) -> list[Low]:
    """Return the bidders whose price is 40 % below the mean of the others' or 30 % below the next, cheapest first.

    prices  what each bidder asks for the same; the mean is taken of two others at least
    """
    ranked = sorted(prices.items(), key=lambda one: (one[1], one[0]))
    found = []
    for place, (bidder, price) in enumerate(ranked):
        others = [other for at, (_, other) in enumerate(ranked) if at != place]
        level = sum(others, Fraction(0)) / len(others) if len(others) > 1 else None
        following = ranked[place + 1][1] if place + 1 < len(ranked) else None
        low = Low(bidder, price, _below(price, level), _below(price, following))
        if low.flagged:
            found.append(low)
    return found


def _below(price: Fraction, level: Fraction | None) -> Fraction | None:
    return (level - price) / level if level else None


@dataclass(frozen=True)
class PricedLine:
    """One line of a schedule: its quantity, each bidder's unit price, and the estimate where there is one."""

    line: str
    quantity: Fraction
    prices: Mapping[str, Fraction]
    estimate: Fraction | None = None


@dataclass(frozen=True)
class OutOfBalance:
    """A line far from where its bid stands: `factor` times the others' level, `moves` of the bid's total."""

    line: str
    price: Fraction
    level: Fraction
    factor: Fraction
    moves: Fraction


@dataclass(frozen=True)
class Unbalanced:
    """A bid whose lines lean: some far above, others far below where the bid as a whole stands beside the others."""

    bidder: str
    over: tuple[OutOfBalance, ...]
    under: tuple[OutOfBalance, ...]

    @property
    def moved(self) -> Fraction:
        """The part of the total that lies on lines priced above their level."""
        return sum((one.moves for one in self.over), Fraction(0))


def unbalanced(lines: Sequence[PricedLine]) -> list[Unbalanced]:
    """Return the bids that are unbalanced, those that move most first.

    A line's level is the median of the others' prices and the estimate (two of them at least). A bid's own height is
    its total over those levels' total; a line is out of balance when price / level is twice that height or more, or
    half of it or less, and the difference moves 2 % of the bid's total. A bid is unbalanced when it leans both ways.
    """
    bidders = dict.fromkeys(bidder for line in lines for bidder in line.prices)
    found = [one for bidder in bidders if (one := _leaning(bidder, lines)) is not None]
    return sorted(found, key=lambda one: (-one.moved, one.bidder))


def _leaning(bidder: str, lines: Sequence[PricedLine]) -> Unbalanced | None:
    levels = [(line, level) for line in lines if (level := _level(bidder, line)) is not None]
    total = sum((line.quantity * line.prices[bidder] for line, _ in levels), Fraction(0))
    there = sum((line.quantity * level for line, level in levels), Fraction(0))
    if not total or not there:
        return None
    height = total / there
    over: list[OutOfBalance] = []
    under: list[OutOfBalance] = []
    for line, level in levels:
        price, usual = line.prices[bidder], height * level
        factor, moves = price / usual, abs(price - usual) * line.quantity / total
        if moves >= LINE_SHARE and (factor >= LINE_FACTOR or factor * LINE_FACTOR <= 1):
            (over if factor > 1 else under).append(OutOfBalance(line.line, price, level, factor, moves))
    return Unbalanced(bidder, tuple(over), tuple(under)) if over and under else None


def _level(bidder: str, line: PricedLine) -> Fraction | None:
    if bidder not in line.prices or not line.quantity:
        return None
    said = [price for other, price in line.prices.items() if other != bidder]
    said += [line.estimate] if line.estimate is not None else []
    level = Fraction(median(said)) if len(said) > 1 else None
    return level or None


@dataclass(frozen=True)
class Spread:
    """How the prices of one tender lie.

    variation  standard deviation over the mean
    distance   (second lowest - lowest) / standard deviation of the losing prices; None where they do not differ
    gap        (second lowest - lowest) / mean gap of the losing prices beside each other; None where they do not differ
    """

    bids: int
    variation: float
    distance: float | None
    gap: float | None


def spread_of(prices: Sequence[float]) -> Spread:
    """Return how the prices of one tender lie; three of them at least, above zero.

    :raises ValueError: there are fewer.
    """
    if len(prices) < 3 or min(prices) <= 0:
        raise ValueError("three prices above zero")
    ranked = sorted(prices)
    first, losing = ranked[1] - ranked[0], ranked[1:]
    deviation = _sample_deviation(losing)
    gaps = (losing[-1] - losing[0]) / (len(losing) - 1)
    middle = sum(ranked) / len(ranked)
    return Spread(
        len(ranked),
        sqrt(sum((one - middle) ** 2 for one in ranked) / len(ranked)) / middle,
        first / deviation if deviation > 0 else None,
        first / gaps if gaps > 0 else None,
    )


def _sample_deviation(values: Sequence[float]) -> float:
    middle = sum(values) / len(values)
    return sqrt(sum((one - middle) ** 2 for one in values) / (len(values) - 1))


@dataclass(frozen=True)
class Alike:
    """A subgroup of bidders whose prices lie too close, with the lowest standing apart, over many tenders."""

    bidders: tuple[str, ...]
    tenders: int
    variation: float
    apart: float


def alike_groups(tenders: Sequence[Mapping[str, float]]) -> list[Alike]:
    """Return the subgroups of three and four bidders that are too much alike, the closest first.

    tenders  what each bidder asked for the same, one mapping a tender

    A subgroup is looked at when it met in five tenders or more: median variation of its own prices below `ALIKE`, and
    the median gap below its lowest price `APART` times the mean gap among its others or more. Of a tender with more
    than `MOST_BIDDERS` such bidders the first of them are looked at.
    """
    found = [one for group, met in _meetings(tenders) if (one := _judged(group, met)) is not None]
    return sorted(found, key=lambda one: (one.variation, one.bidders))


def _meetings(tenders: Sequence[Mapping[str, float]]) -> Iterator[tuple[tuple[str, ...], list[Mapping[str, float]]]]:
    by_group: dict[tuple[str, ...], list[Mapping[str, float]]] = defaultdict(list)
    often = _often(tenders)
    for one in tenders:
        priced = sorted(bidder for bidder, price in one.items() if price > 0 and bidder in often)
        for size in SUBGROUPS:
            for group in combinations(priced[:MOST_BIDDERS], size):
                by_group[group].append(one)
    yield from ((group, met) for group, met in by_group.items() if len(met) >= LEAST_TENDERS)


def _often(tenders: Sequence[Mapping[str, float]]) -> set[str]:
    """Return who bid in enough tenders to be part of a subgroup."""
    count: dict[str, int] = defaultdict(int)
    for one in tenders:
        for bidder in one:
            count[bidder] += 1
    return {bidder for bidder, times in count.items() if times >= LEAST_TENDERS}


def _judged(group: tuple[str, ...], met: Sequence[Mapping[str, float]]) -> Alike | None:
    spreads = [spread_of([one[bidder] for bidder in group]) for one in met]
    variation = median(one.variation for one in spreads)
    apart = median(one.gap if one.gap is not None else APART for one in spreads)
    return Alike(group, len(met), variation, apart) if variation < ALIKE and apart >= APART else None


def shared_traces(traces: Mapping[str, Iterable[tuple[str, str]]]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return (trace, value, bidders) for every trace that two bidders or more have in common.

    traces  bidder -> (kind of trace, value): a file's digest, who last changed it, an address; empty values count not
    """
    by_value: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for bidder, said in traces.items():
        for kind, value in said:
            if value.strip():
                by_value[kind, value.strip().casefold()][bidder] = None
    return [(kind, value, tuple(found)) for (kind, value), found in sorted(by_value.items()) if len(found) > 1]
