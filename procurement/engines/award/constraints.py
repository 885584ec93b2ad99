"""What each published rule costs: the award again without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from procurement.engines.award.decision import FEASIBLE, INFEASIBLE, Award
from procurement.engines.award.problem import AwardProblem
from procurement.engines.award.solve import NoAwardInTime, solve_award
from procurement.engines.linear import Stopwatch

LEAST_SECONDS = 0.2  # to decide once more
Freed = tuple[str, str | None, AwardProblem]


@dataclass(frozen=True)
class ConstraintPrice:
    """What an award would save without one rule, all others as they are.

    constraint  winners_min, winners_max, winners_per_lot, or limit (min of capacity and share cap) of `supplier`
    how         `exact`: both awards are settled; `interval`: it saves at least and at most; `unknown`: no time
    at_least    money that an award without the rule, which was found, saves
    at_most     no award without the rule saves more
    """

    constraint: str
    supplier: str | None
    how: str
    at_least: int = 0
    at_most: Fraction | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "constraint": self.constraint,
            "supplier": self.supplier,
            "how": self.how,
            "at_least": self.at_least,
            "at_most": None if self.at_most is None else str(self.at_most),
        }


def price_of_constraints(problem: AwardProblem, decision: Award, seconds: float) -> tuple[ConstraintPrice, ...]:
    """Return the price of each rule: what the tender would save without it.

    A rule that does not bind has a price too where costs jump, so every rule is tried: the number of winners first,
    then suppliers' limits, the fullest first. Prices of different rules do not add up.

    decision   the award of `problem`
    seconds    wall time for all of them, shared evenly over those left; what it does not reach is `unknown`

    Source: docs/algorithms/award.md, "The price of a rule".
    """
    if decision.status == INFEASIBLE:
        return ()
    watch, found = Stopwatch(seconds), []
    freed = list(_freed(problem, decision))
    for place, (constraint, supplier, looser) in enumerate(freed):
        share = watch.left / (len(freed) - place)
        if watch.left < LEAST_SECONDS:
            found.append(ConstraintPrice(constraint, supplier, "unknown"))
        else:
            found.append(_price(constraint, supplier, looser, decision, max(LEAST_SECONDS, share)))
    return tuple(found)


def _freed(problem: AwardProblem, decision: Award) -> Iterator[Freed]:
    """The problem without one rule after another."""
    rules, everybody = problem.rules, len(problem.suppliers)
    yield "winners_min", None, replace(problem, rules=replace(rules, winners_min=0))
    most = max(everybody, rules.winners_max)
    yield "winners_max", None, replace(problem, rules=replace(rules, winners_max=most))
    yield "winners_per_lot", None, replace(problem, rules=replace(rules, winners_per_lot=most))
    wanted, sold = sum(lot.quantity for lot in problem.lots), _sold(problem, decision)
    for one in sorted(problem.suppliers, key=lambda each: Fraction(-sold.get(each.supplier, 0), max(1, each.most))):
        free = replace(one, capacity=max(wanted, one.most), share_cap=max(wanted, one.most))
        suppliers = tuple(free if each is one else each for each in problem.suppliers)
        yield "limit", one.supplier, replace(problem, suppliers=suppliers)


def _sold(problem: AwardProblem, decision: Award) -> dict[str, int]:
    """Units by supplier."""
    sold: dict[str, int] = {}
    for bid, units in decision.mix.bought().items():
        supplier = problem.bid_of[bid].supplier
        sold[supplier] = sold.get(supplier, 0) + units
    for taken in decision.packages:
        package = problem.package_of[taken.package]
        sold[package.supplier] = sold.get(package.supplier, 0) + package.quantity
    return sold


def _price(
    constraint: str, supplier: str | None, looser: AwardProblem, decision: Award, seconds: float
) -> ConstraintPrice:
    try:
        again = solve_award(looser, seconds, prices_to_win=False)
    except NoAwardInTime:
        return ConstraintPrice(constraint, supplier, "unknown")
    saved = max(0, decision.total - again.total)  # the decision itself is an award without the rule
    if FEASIBLE not in (decision.status, again.status):
        return ConstraintPrice(constraint, supplier, "exact", saved, Fraction(saved))
    if again.bound_exact is None:
        return ConstraintPrice(constraint, supplier, "interval", saved)
    return ConstraintPrice(
        constraint, supplier, "interval", saved, max(Fraction(saved), decision.total - again.bound_exact)
    )
