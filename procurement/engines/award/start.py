"""A first award to search from: suppliers that the relaxation likes, lot by lot, the cheapest landed unit first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction

from procurement.engines.award.decision import AwardLine, Mix, PackageAward, Unserved
from procurement.engines.award.model import AwardModel, usable_tiers
from procurement.engines.award.problem import AwardProblem, Bid, Lot

NOTHING = 1e-6


@dataclass
class _Room:
    """What is left while a first award grows."""

    problem: AwardProblem
    demand: dict[tuple[str, str], int]
    capacity: dict[str, int]
    lines: list[AwardLine] = field(default_factory=list)

    def most(self, bid: Bid) -> int:
        lot = self.problem.lot_of[bid.lot]
        open_units = sum(self.demand[lot.lot, region] for region in self.problem.regions)
        return min(open_units, self.capacity[bid.supplier], bid.tiers[-1].end)

    def spread(self, bid: Bid, quantity: int) -> list[AwardLine]:
        """Send to the regions nearest to the supplier first."""
        lines = []
        for region in sorted(self.problem.regions, key=lambda name: bid.freight[name]):
            units = min(quantity, self.demand[bid.lot, region])
            if units:
                lines.append(AwardLine(bid.bid, region, units))
            quantity -= units
        return lines

    def take(self, bid: Bid, lines: list[AwardLine]) -> None:
        for line in lines:
            self.demand[bid.lot, line.region] -= line.quantity
            self.capacity[bid.supplier] -= line.quantity
        self.lines += lines


def greedy(problem: AwardProblem, allowed: Collection[str]) -> Mix | None:
    """Return a valid mix of bids of the allowed suppliers, or None when too few of them win.

    allowed    at most `winners_max` suppliers
    cost       O(bids x winners per lot x regions)
    """
    demand = {(lot.lot, region): units for lot in problem.lots for region, units in lot.demand.items()}
    room = _Room(problem, demand, {one.supplier: one.most for one in problem.suppliers})
    for lot in sorted(problem.lots, key=lambda one: -one.quantity * one.reserve):
        _fill(room, lot, [bid for bid in problem.bids_on[lot.lot] if bid.supplier in allowed])
    left = [Unserved(lot, region, units) for (lot, region), units in room.demand.items() if units]
    mix = Mix(tuple(room.lines), (), tuple(left))
    return mix if problem.rules.winners_min <= len(mix.winners(problem)) <= problem.rules.winners_max else None


def _fill(room: _Room, lot: Lot, offers: list[Bid]) -> None:
    suppliers: set[str] = set()
    while offers:
        priced = []
        for bid in offers:
            quantity = room.most(bid)
            full = len(suppliers) >= room.problem.rules.winners_per_lot and bid.supplier not in suppliers
            if quantity >= bid.tiers[0].start and not full:
                lines = room.spread(bid, quantity)
                landed = room.problem.goods(bid, quantity) + sum(one.quantity * bid.landed(one.region) for one in lines)
                priced.append((Fraction(landed, quantity), bid.bid, bid, lines))
        if not priced or min(priced)[0] > lot.reserve:
            return
        _, _, bid, lines = min(priced)
        room.take(bid, lines)
        suppliers.add(bid.supplier)
        offers = [one for one in offers if one is not bid]


def liked(model: AwardModel, values: list[float]) -> list[str]:
    """Return the suppliers that a relaxed point uses most, at most `winners_max` of them."""
    weight = {name: values[column] for name, column in model.winner.items()}
    ranked = sorted(weight, key=lambda name: -weight[name])
    return ranked[: model.problem.rules.winners_max]


def whole_of(model: AwardModel, values: list[float]) -> list[float]:
    """Return a relaxed point with its whole columns made whole: what is bought at all is used, at the tier it reaches.

    Rules may be broken; completing the point tells. Where winning is free and limits are wide it is the answer.
    """
    problem, found = model.problem, [0.0] * len(values)
    amounts: dict[str, float] = {}
    for (name, _), column in model.bought.items():
        amounts[name] = amounts.get(name, 0.0) + values[column]
    for name, amount in amounts.items():
        if amount > NOTHING:
            bid = problem.bid_of[name]
            reached = [place for place, tier, end in usable_tiers(problem, bid) if not place or amount > tier.start - 1]
            found[model.tier_used[name, reached[-1]]] = 1
            found[model.lot_winner[bid.supplier, bid.lot]] = found[model.winner[bid.supplier]] = 1
    for name, column in model.package_taken.items():
        if values[column] > 1 - NOTHING:
            package = problem.package_of[name]
            found[column] = found[model.winner[package.supplier]] = 1
            for lot in package.quantities:
                found[model.lot_winner[package.supplier, lot]] = 1
    return found


def point_of(model: AwardModel, mix: Mix) -> list[int]:
    """Return the model's columns that say the same as `mix`."""
    problem, values = model.problem, [0] * len(model.linear.columns)
    for name in mix.winners(problem):
        values[model.winner[name]] = 1
    for name, units in mix.bought().items():
        bid = problem.bid_of[name]
        place = next(place for place, tier in enumerate(bid.tiers) if units <= tier.end)
        values[model.tier_used[name, place]], values[model.bought[name, place]] = 1, units
        values[model.lot_winner[bid.supplier, bid.lot]] = 1
    for line in mix.lines:
        values[model.sent[line.bid, line.region]] = line.quantity
    for taken in mix.packages:
        values[model.package_taken[taken.package]] = 1
        for lot, spread in taken.spread.items():
            values[model.lot_winner[problem.package_of[taken.package].supplier, lot]] = 1
            for region, units in spread.items():
                values[model.package_sent[taken.package, lot, region]] = units
    for left in mix.unserved:
        values[model.unserved[left.lot, left.region]] = left.quantity
    return values


def mix_of(model: AwardModel, values: list[int]) -> Mix:
    """Return the mix that the model's columns say."""
    lines = [AwardLine(bid, region, values[at]) for (bid, region), at in model.sent.items() if values[at]]
    spreads: dict[str, dict[str, dict[str, int]]] = {}
    for (name, lot, region), at in model.package_sent.items():
        if values[at]:
            spreads.setdefault(name, {}).setdefault(lot, {})[region] = values[at]
    left = [Unserved(lot, region, values[at]) for (lot, region), at in model.unserved.items() if values[at]]
    from_packages = tuple(PackageAward(name, spread) for name, spread in spreads.items())
    return Mix(tuple(lines), from_packages, tuple(left))
