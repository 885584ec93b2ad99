"""What each limit of an award costs: the same problem decided again without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from procurement.engines.award import INFEASIBLE, OPTIMAL, PROVED, AwardProblem, NoAwardInTime, solve_award
from procurement.engines.linear import Stopwatch
from procurement.tenders.rules.terms import AwardRules

NO_LIMIT = 2**40


@dataclass(frozen=True)
class Loosened:
    """A problem without one limit; `about` names the supplier or the number that the limit was."""

    limit: str
    about: str
    problem: AwardProblem


@dataclass(frozen=True)
class ConstraintPrice:
    """What an award would count less without a limit, in the engine's money; `settled`: both are known to be least."""

    limit: str
    about: str
    saves: int
    settled: bool


def price_of_each(
    problem: AwardProblem, total: int, rules: AwardRules, seconds: float, *, settled: bool
) -> Iterator[ConstraintPrice]:
    """Yield the price of every limit that the problem has; a limit that time ran out on is left out.

    total    what the award that stands counts as; `settled` when it is known to be the least
    seconds  for all of them together
    """
    loosened, watch = list(_loosened(problem, rules)), Stopwatch(seconds)
    for place, one in enumerate(loosened):
        share = watch.left / (len(loosened) - place)
        try:
            award = solve_award(one.problem, max(0.5, share), prices_to_win=False)
        except NoAwardInTime:
            continue
        if award.status != INFEASIBLE:
            proved = settled and award.status in (PROVED, OPTIMAL)
            yield ConstraintPrice(one.limit, one.about, max(0, total - award.total), proved)


def _loosened(problem: AwardProblem, rules: AwardRules) -> Iterator[Loosened]:
    bidders, said = len(problem.suppliers), problem.rules
    if rules.winners_max is not None and rules.winners_max < bidders:
        most = replace(problem, rules=replace(said, winners_max=bidders))
        yield Loosened("winners_max", str(rules.winners_max), most)
    if rules.winners_per_lot is not None and rules.winners_per_lot < bidders:
        per_lot = replace(problem, rules=replace(said, winners_per_lot=bidders))
        yield Loosened("winners_per_lot", str(rules.winners_per_lot), per_lot)
    if rules.winners_min > 0:
        yield Loosened("winners_min", str(rules.winners_min), replace(problem, rules=replace(said, winners_min=0)))
    for at, one in enumerate(problem.suppliers):
        if one.most < NO_LIMIT:
            free = (*problem.suppliers[:at], replace(one, capacity=NO_LIMIT), *problem.suppliers[at + 1 :])
            yield Loosened("capacity", one.supplier, replace(problem, suppliers=free))
    for bid in problem.bids:
        if bid.tiers[0].start > 1:
            yield Loosened("minimum_award", bid.bid, _without_minimum(problem, bid.bid))


def _without_minimum(problem: AwardProblem, name: str) -> AwardProblem:
    bids = tuple(
        replace(bid, tiers=(replace(bid.tiers[0], start=1), *bid.tiers[1:])) if bid.bid == name else bid
        for bid in problem.bids
    )
    return replace(problem, bids=bids)
