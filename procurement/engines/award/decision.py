"""What an award decides, with its reasons and its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from procurement.engines.award.problem import AwardProblem
from procurement.engines.reasons import Reason

PROVED = "proved"  # the exact gap is 0, or a certified enumeration closed it
OPTIMAL = "optimal"  # the solver says it finished; the exact bound leaves a gap
FEASIBLE = "feasible"  # the time ran out: a valid award, and how far at most from the best
INFEASIBLE = "infeasible"


@dataclass(frozen=True)
class AwardLine:
    """`quantity` units of a bid go to a region."""

    bid: str
    region: str
    quantity: int


@dataclass(frozen=True)
class PackageAward:
    """A package is taken; its quantities by lot go to regions."""

    package: str
    spread: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Unserved:
    """Nobody serves `quantity` units, at the reserve price."""

    lot: str
    region: str
    quantity: int


@dataclass(frozen=True)
class Mix:
    """Who delivers what where: an award without its proof."""

    lines: tuple[AwardLine, ...] = ()
    packages: tuple[PackageAward, ...] = ()
    unserved: tuple[Unserved, ...] = ()

    def bought(self) -> dict[str, int]:
        """Units by bid used."""
        units: dict[str, int] = {}
        for line in self.lines:
            units[line.bid] = units.get(line.bid, 0) + line.quantity
        return units

    def winners(self, problem: AwardProblem) -> set[str]:
        bids = {problem.bid_of[name].supplier for name in self.bought()}
        return bids | {problem.package_of[one.package].supplier for one in self.packages}


@dataclass(frozen=True)
class Rejected:
    """A bid or package that lost, why, and the price at which it would have won.

    The price is said as a discount: a unit of every tier for a bid, the whole price for a package. At exactly that
    discount it ties; anything more and it wins, all else equal. `how` is `exact` (decided again with it forced in),
    `interval` (lies between `at_least` and `at_most`; None = not known) or `never` (no price would do).
    """

    offer: str
    why: Reason
    how: str
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    quantity: int | None = None  # what it would have sold at that price

    def to_json(self) -> dict[str, Any]:
        return {
            "offer": self.offer,
            "why": self.why.to_json(),
            "how": self.how,
            "at_least": None if self.at_least is None else str(self.at_least),
            "at_most": None if self.at_most is None else str(self.at_most),
            "quantity": self.quantity,
        }


@dataclass(frozen=True)
class Award:
    """The cheapest valid mix that was found, and what is known about cheaper ones.

    total          money in minor units, recomputed in integers from the lines
    bound_exact    no award costs less: re-derived in exact arithmetic from `certificate`
    bound_solver   the best bound the solver claims, in floating point
    why            one reason for every bid and package that won
    rejected       every bid and package that lost
    """

    status: str
    problem_sha256: str
    mix: Mix = field(default_factory=Mix)
    total: int = 0
    bound_exact: Fraction | None = None
    bound_solver: float | None = None
    certificate: Mapping[str, Any] = field(default_factory=dict)
    why: tuple[Reason, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    @property
    def lines(self) -> tuple[AwardLine, ...]:
        return self.mix.lines

    @property
    def packages(self) -> tuple[PackageAward, ...]:
        return self.mix.packages

    @property
    def unserved(self) -> tuple[Unserved, ...]:
        return self.mix.unserved

    @property
    def gap_exact(self) -> Fraction | None:
        """(total - bound_exact) / bound_exact; None without a positive bound."""
        if self.bound_exact is None or self.bound_exact <= 0:
            return None
        return (self.total - self.bound_exact) / self.bound_exact

    def to_json(self) -> dict[str, Any]:
        """The agreed decision format, with status and reasons beside it."""
        if self.status == INFEASIBLE:
            return {"kind": "award", "status": INFEASIBLE, "why": [one.to_json() for one in self.why]}
        return {
            "kind": "award",
            "status": self.status,
            "problem_sha256": self.problem_sha256,
            "total": self.total,
            "bound_exact": None if self.bound_exact is None else str(self.bound_exact),
            "bound_solver": self.bound_solver,
            "lines": [{"bid": one.bid, "region": one.region, "quantity": one.quantity} for one in self.lines],
            "packages": [
                {"package": one.package, "spread": {lot: dict(spread) for lot, spread in one.spread.items()}}
                for one in self.packages
            ],
            "unserved": [{"lot": one.lot, "region": one.region, "quantity": one.quantity} for one in self.unserved],
            "why": [one.to_json() for one in self.why],
            "rejected": [one.to_json() for one in self.rejected],
            "certificate": dict(self.certificate),
        }


def cost(problem: AwardProblem, mix: Mix) -> int:
    """What a mix costs, in integers: goods, freight, criteria, packages, fixed costs, the unserved at reserve."""
    total = sum(problem.goods(problem.bid_of[name], units) for name, units in mix.bought().items())
    total += sum(one.quantity * problem.bid_of[one.bid].landed(one.region) for one in mix.lines)
    for taken in mix.packages:
        package = problem.package_of[taken.package]
        total += package.price
        for lot, spread in taken.spread.items():
            total += sum(units * package.landed(lot, region) for region, units in spread.items())
    total += len(mix.winners(problem)) * problem.rules.fixed_cost_per_winner
    return total + sum(one.quantity * problem.lot_of[one.lot].reserve for one in mix.unserved)
