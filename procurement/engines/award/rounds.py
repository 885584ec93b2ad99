"""After opening: drop what the award made too dear, award again, until nobody drops out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from marketplace.kernel.money import split_integer
from marketplace.kernel.refusals import BadValue
from procurement.engines.award.decision import INFEASIBLE, Award
from procurement.engines.award.problem import AwardProblem, Package
from procurement.engines.award.solve import solve_award

Place = tuple[str, str]  # (lot, region)


@dataclass(frozen=True)
class Want:
    """Bound demand: a quantity that stays as long as its landed unit price is at most `ceiling` (None: at any price).

    A demand curve is several wants of one `line`, one for each price level.
    """

    line: str
    lot: str
    region: str
    quantity: int
    ceiling: Fraction | None = None


@dataclass(frozen=True)
class Dropped:
    """A want that left, and the landed unit price that was too much for it."""

    want: Want
    landed: Fraction


@dataclass(frozen=True)
class Round:
    """One award over what was still wanted, the landed unit prices it gave, and who left because of them."""

    number: int
    problem: AwardProblem
    wants: tuple[Want, ...]
    award: Award
    landed: Mapping[Place, Fraction]
    dropped: tuple[Dropped, ...]


def drop_out_rounds(
    problem: AwardProblem,
    wants: Sequence[Want],
    *,
    fee: Fraction | Mapping[Place, Fraction] = Fraction(0),
    decide: Callable[[AwardProblem], Award] = solve_award,
) -> tuple[Round, ...]:
    """Award all bound demand; drop every want whose landed price exceeds its ceiling; repeat until none drops.

    problem    lots, bids and rules; its demand is replaced by the wants of each round
    wants      bound demand, integers >= 1, ceilings in the problem's money per unit
    fee        the service fee as a fraction of the goods' price; one for all places, or one for each
    decide     awards one problem
    returns    every round, the last one the one that orders use; at most one round more than there are wants. An
               infeasible last round means that the rules allow no award on what is left

    With one falling price curve the last round is the clearing of `pooling.clear_one_closing`.

    :raises BadValue: a want names an unknown lot or region, or asks for less than one.

    Source: docs/algorithms/award.md, "After opening"; worked by hand in tests/worked_examples/test_drop_out_rounds.py.
    """
    _known(problem, wants)
    rounds: list[Round] = []
    left = tuple(wants)
    while True:
        asked = _asking(problem, left)
        award = decide(asked)
        landed = {} if award.status == INFEASIBLE else landed_prices(asked, award, fee=fee)
        dropped = tuple(_dropped(left, landed))
        rounds.append(Round(len(rounds) + 1, asked, left, award, landed, dropped))
        if not dropped:
            return tuple(rounds)
        gone = {id(one.want) for one in dropped}
        left = tuple(want for want in left if id(want) not in gone)


def landed_prices(
    problem: AwardProblem, award: Award, *, fee: Fraction | Mapping[Place, Fraction] = Fraction(0)
) -> dict[Place, Fraction]:
    """Return the landed unit price by lot and region: blended goods + freight + fee, before VAT.

    Every unit of a lot in a region costs the same, whoever delivers it. A package's price is shared over its lots by
    their quantity at the lot's reserve price. Criteria and fixed costs rank bids; nobody pays them. Places that nobody
    serves have no price.
    """
    goods: dict[Place, Fraction] = {}
    freight: dict[Place, int] = {}
    units: dict[Place, int] = {}

    def book(place: Place, count: int, price: Fraction, carriage: int) -> None:
        units[place] = units.get(place, 0) + count
        goods[place] = goods.get(place, Fraction(0)) + price * count
        freight[place] = freight.get(place, 0) + carriage * count

    bought = award.mix.bought()
    for line in award.lines:
        bid = problem.bid_of[line.bid]
        price = Fraction(problem.goods(bid, bought[line.bid]), bought[line.bid])
        book((bid.lot, line.region), line.quantity, price, bid.freight[line.region])
    for taken in award.packages:
        package = problem.package_of[taken.package]
        prices = package_prices(problem, package)
        for lot, spread in taken.spread.items():
            for region, count in spread.items():
                book((lot, region), count, prices[lot], package.freight[lot][region])
    fees = fee if isinstance(fee, Mapping) else dict.fromkeys(units, fee)
    return {place: (goods[place] * (1 + fees[place]) + freight[place]) / count for place, count in units.items()}


def package_prices(problem: AwardProblem, package: Package) -> dict[str, Fraction]:
    """Return the unit price of each lot in a package: its price, to the cent, by quantity x reserve (else quantity)."""
    lots = list(package.quantities)
    weights = [package.quantities[lot] * problem.lot_of[lot].reserve for lot in lots]
    parts = split_integer(package.price, weights if any(weights) else [package.quantities[lot] for lot in lots])
    return {lot: Fraction(part, package.quantities[lot]) for lot, part in zip(lots, parts, strict=True)}


def _known(problem: AwardProblem, wants: Sequence[Want]) -> None:
    for want in wants:
        if want.lot not in problem.lot_of:
            raise BadValue(place=f"{want.line}.lot", value=want.lot, reason="unknown")
        if want.region not in problem.regions:
            raise BadValue(place=f"{want.line}.region", value=want.region, reason="unknown")
        if want.quantity < 1:
            raise BadValue(place=f"{want.line}.quantity", value=want.quantity, reason="less than 1")


def _asking(problem: AwardProblem, wants: Sequence[Want]) -> AwardProblem:
    """The problem with the demand of these wants."""
    demand = {lot.lot: dict.fromkeys(problem.regions, 0) for lot in problem.lots}
    for want in wants:
        demand[want.lot][want.region] += want.quantity
    return replace(problem, lots=tuple(replace(lot, demand=demand[lot.lot]) for lot in problem.lots))


def _dropped(wants: Sequence[Want], landed: Mapping[Place, Fraction]) -> list[Dropped]:
    return [
        Dropped(want, price)
        for want in wants
        if (price := landed.get((want.lot, want.region))) is not None
        and want.ceiling is not None
        and price > want.ceiling
    ]
