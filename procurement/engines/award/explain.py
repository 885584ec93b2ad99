"""Why each winner won, and the price at which each loser would have won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from procurement.engines.award.decision import Award, Mix, Rejected, cost
from procurement.engines.award.model import AwardModel, build, fits, most_of, usable_tiers
from procurement.engines.award.parts import mix_in, parts_of
from procurement.engines.award.problem import AwardProblem, Bid, Package
from procurement.engines.award.start import mix_of
from procurement.engines.linear import SCALE, LinearModel, Stopwatch, complete, exact_bound, reduced_costs, solve_whole
from procurement.engines.reasons import Reason


def why_won(problem: AwardProblem, mix: Mix) -> tuple[Reason, ...]:
    """One reason for each bid used, package taken and unit left unserved."""
    spreads: dict[str, dict[str, int]] = {}
    for line in mix.lines:
        spreads.setdefault(line.bid, {})[line.region] = line.quantity
    reasons = [_why_bid(problem, spreads, problem.bid_of[name]) for name in spreads]
    reasons += [_why_package(problem, problem.package_of[one.package]) for one in mix.packages]
    for one in mix.unserved:
        facts = {"lot": one.lot, "region": one.region, "quantity": one.quantity}
        reasons.append(Reason("unserved", facts | {"reserve": problem.lot_of[one.lot].reserve}))
    return tuple(reasons)


def _why_bid(problem: AwardProblem, spreads: Mapping[str, Mapping[str, int]], bid: Bid) -> Reason:
    spread, units = spreads[bid.bid], sum(spreads[bid.bid].values())
    freight = sum(count * bid.landed(region) for region, count in spread.items())
    landed = Fraction(problem.goods(bid, units) + freight, units)
    rivals = _rivals(problem, spreads, bid)
    cheaper = [name for price, name in rivals if price < landed]
    facts: dict[str, object] = {
        "bid": bid.bid,
        "supplier": bid.supplier,
        "lot": bid.lot,
        "quantity": units,
        "price": next(one.price for one in bid.tiers if units <= one.end),
        "landed": str(landed),
    }
    if rivals:
        facts |= {"next": rivals[0][1], "next_landed": str(rivals[0][0])}
    return Reason("cheaper_as_a_mix", facts | {"though": cheaper}) if cheaper else Reason("cheapest_landed", facts)


def _rivals(problem: AwardProblem, spreads: Mapping[str, Mapping[str, int]], bid: Bid) -> list[tuple[Fraction, str]]:
    """Unused offers for the same lot by the least their units could cost in the same regions."""
    spread, units = spreads[bid.bid], sum(spreads[bid.bid].values())
    found = []
    for rival in problem.bids_on[bid.lot]:
        if rival.bid not in spreads and (tiers := usable_tiers(problem, rival)):
            freight = sum(count * rival.landed(region) for region, count in spread.items())
            best = min(tier.price + Fraction(min(0, problem.head_start(rival, tier)), end) for _, tier, end in tiers)
            found.append((best + Fraction(freight, units), rival.bid))
    return sorted(found)


def _why_package(problem: AwardProblem, package: Package) -> Reason:
    reserve = sum(problem.lot_of[lot].reserve * units for lot, units in package.quantities.items())
    facts = {"package": package.package, "supplier": package.supplier, "price": package.price, "at_reserve": reserve}
    return Reason("package_cheaper_as_a_mix", facts)


@dataclass(frozen=True)
class _Part:
    """An independent part of the problem and what the award pays in it: where a loser is tried again."""

    model: AwardModel
    total: int


@dataclass(frozen=True)
class _Court:
    """What a losing offer is tried against."""

    model: AwardModel
    award: Award
    settled: bool  # the solver says that the total is the least
    reduced: Sequence[int]
    bound: Fraction
    watch: Stopwatch
    problems: Mapping[str, AwardProblem]  # the part of each lot
    parts: dict[int, _Part]  # those that were needed, by the identity of their problem

    @property
    def open(self) -> bool:
        return self.settled and self.watch.left > 0

    def part_of(self, lot: str) -> _Part:
        problem = self.problems[lot]
        if id(problem) not in self.parts:
            whole = problem is self.model.problem
            total = cost(problem, mix_in(problem, self.award.mix))
            self.parts[id(problem)] = _Part(self.model if whole else build(problem), total)
        return self.parts[id(problem)]


def why_lost(
    model: AwardModel, award: Award, multipliers: Mapping[str, int], watch: Stopwatch, *, settled: bool
) -> tuple[Rejected, ...]:
    """The price at which each losing bid and package would have won (see `Rejected`).

    While the watch runs and the total is settled, the loser's part of the award is decided again with the loser forced
    in; afterwards an interval is taken from the multipliers.
    """
    problems = {lot.lot: part for part in (parts_of(model.problem) if settled else []) for lot in part.lots}
    reduced, bound = reduced_costs(model.linear, multipliers), exact_bound(model.linear, multipliers)
    court = _Court(model, award, settled, reduced, bound, watch, problems, {})
    used, taken = award.mix.bought(), {one.package for one in award.packages}
    lost = [_bid(court, one) for one in model.problem.bids if one.bid not in used]
    return tuple(lost + [_package(court, one) for one in model.problem.packages if one.package not in taken])


def _bid(court: _Court, bid: Bid) -> Rejected:
    if not usable_tiers(court.model.problem, bid):
        facts = {"least": bid.tiers[0].start, "most": most_of(court.model.problem, bid)}
        return Rejected(bid.bid, Reason("cannot_fit", facts), "never")
    if court.open:
        exact = _bid_exact(court.part_of(bid.lot), bid, court.watch)
        if exact is not None:
            return exact
    at_least = max(Fraction(0), (_bid_bound(court, bid) - court.award.total) / most_of(court.model.problem, bid))
    return Rejected(bid.bid, _lost(at_least), "interval", at_least)


def _package(court: _Court, package: Package) -> Rejected:
    if not fits(court.model.problem, package):
        return Rejected(package.package, Reason("cannot_fit", {"quantity": package.quantity}), "never")
    if court.open:
        part = court.part_of(next(iter(package.quantities)))
        forced = _forced(part.model.linear, [part.model.package_taken[package.package]])
        mix, impossible = _again(part, forced, part.model.linear.cost, court.watch)
        if impossible:
            return Rejected(package.package, Reason("rules_exclude"), "never")
        if mix is not None:
            off = Fraction(cost(part.model.problem, mix) - part.total)
            return Rejected(package.package, _lost(off), "exact", off, off, package.quantity)
    at_least = max(Fraction(0), _package_bound(court, package) - court.award.total)
    return Rejected(package.package, _lost(at_least), "interval", at_least)


def _lost(discount: Fraction) -> Reason:
    return Reason("dearer" if discount > 0 else "no_cheaper", {"by": str(discount)})


def _bid_exact(part: _Part, bid: Bid, watch: Stopwatch) -> Rejected | None:
    """Find the least discount a unit at which some mix with this bid costs no more than the award.

    min over mixes of (cost - total) / quantity, by Dinkelbach's iteration: each step decides the award again with the
    bid forced in and its price lowered by the last ratio. None when the time runs out.

    Source: Dinkelbach, On nonlinear fractional programming, Management Science 13(7), 1967.
    """
    problem, linear = part.model.problem, part.model.linear
    forced = _forced(linear, part.model.used(bid))
    bought = [part.model.bought[bid.bid, place] for place, _, _ in usable_tiers(problem, bid)]
    ratio, quantity = None, None
    while True:
        lowered: list[float] = list(linear.cost)
        for column in bought:
            lowered[column] -= float(ratio or 0)
        mix, impossible = _again(part, forced, lowered, watch)
        if impossible:
            return Rejected(bid.bid, Reason("rules_exclude"), "never")
        if mix is None:
            return None
        units = mix.bought()[bid.bid]
        found = Fraction(cost(problem, mix) - part.total, units)
        if ratio is not None and found >= ratio:
            return Rejected(bid.bid, _lost(ratio), "exact", ratio, ratio, quantity)
        ratio, quantity = found, units


def _forced(linear: LinearModel, columns: Sequence[int]) -> LinearModel:
    forced = replace(linear, rows=list(linear.rows))
    forced.row("forced", "=", 1, [(column, 1) for column in columns])
    return forced


def _again(part: _Part, forced: LinearModel, costs: Sequence[float], watch: Stopwatch) -> tuple[Mix | None, bool]:
    """Decide again: the mix or None when the time ran out, and whether there is none at all."""
    solved = solve_whole(forced, watch.left, cost=costs)
    if solved.infeasible:
        return None, True
    if not solved.finished or solved.values is None:
        return None, False
    values = complete(forced, solved.values, max(1.0, watch.left), costs)
    return (mix_of(part.model, values) if values else None), False


def _bid_bound(court: _Court, bid: Bid) -> Fraction:
    """No mix that uses the bid costs less than this: the plain bound, with the bid's own columns pushed off zero."""
    model, reduced = court.model, court.reduced
    tiers = [
        max(0, reduced[model.tier_used[bid.bid, place]]) + tier.start * max(0, reduced[model.bought[bid.bid, place]])
        for place, tier, _ in usable_tiers(model.problem, bid)
    ]
    nearest = min(max(0, reduced[model.sent[bid.bid, region]]) for region in model.problem.regions)
    extra = max(0, reduced[model.winner[bid.supplier]]) + min(tiers) + bid.tiers[0].start * nearest
    return court.bound + Fraction(extra, SCALE)


def _package_bound(court: _Court, package: Package) -> Fraction:
    model, reduced = court.model, court.reduced
    extra = max(0, reduced[model.winner[package.supplier]]) + max(0, reduced[model.package_taken[package.package]])
    for lot, units in package.quantities.items():
        regions = [reduced[model.package_sent[package.package, lot, region]] for region in model.problem.regions]
        extra += units * min(max(0, one) for one in regions)
    return court.bound + Fraction(extra, SCALE)
