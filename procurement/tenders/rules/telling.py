"""What the engine decided, told in the tender's own words: who delivers what at which price, and why others lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from procurement.engines.award import Award, AwardProblem, Mix, Rejected, cost, package_prices
from procurement.engines.reasons import Reason
from procurement.tenders.rules.cases import Case

PACKAGE_MARK = "/+"  # between a supplier's ref and the name of its package


@dataclass(frozen=True)
class Won:
    """What one supplier delivers to one pool; prices a unit."""

    lot_ref: str
    pool_ref: str
    region: str
    supplier_ref: str
    quantity: Decimal
    price: Decimal
    freight: Decimal
    why: Mapping[str, Any]


@dataclass
class _Delivered:
    """What one supplier brings to one place, in the engine's steps and money, out of a bid or packages."""

    units: int = 0
    goods: Fraction = Fraction(0)
    freight: Fraction = Fraction(0)
    whys: list[Reason] = field(default_factory=list)

    def book(self, units: int, price: Fraction, freight: int, why: Reason) -> None:
        self.units += units
        self.goods += units * price
        self.freight += units * freight
        self.whys.append(why)


def paid(problem: AwardProblem, mix: Mix) -> int:
    """Return what a mix costs those who pay: goods, freight and winners, nothing for merit."""
    bids = tuple(replace(one, criteria=0) for one in problem.bids)
    packages = tuple(replace(one, criteria=dict.fromkeys(one.criteria, 0)) for one in problem.packages)
    return cost(replace(problem, bids=bids, packages=packages), mix)


def winners_of(case: Case, problem: AwardProblem, award: Award) -> Iterator[Won]:
    """Yield what each supplier delivers to each pool, at its mean price of goods and freight a unit.

    problem  prices as they are paid, of the demand that was decided

    The mean is exact where tiers are read by the whole quantity; where it is not (each unit by its tier, or out of a
    package) it has six decimals, half up.
    """
    pool_of = {(lot.lot_ref, one.region): one.pool_ref for lot in case.lots for one in lot.demands}
    for (lot_ref, region, supplier), found in _delivered(problem, award).items():
        yield Won(
            lot_ref=lot_ref,
            pool_ref=pool_of[lot_ref, region],
            region=region,
            supplier_ref=supplier,
            quantity=found.units * case.step_of_lot[lot_ref],
            price=case.unit_price(lot_ref, found.goods / found.units),
            freight=case.unit_price(lot_ref, found.freight / found.units),
            why=_why_won(case, lot_ref, found),
        )


def _delivered(problem: AwardProblem, award: Award) -> dict[tuple[str, str, str], _Delivered]:
    bought = award.mix.bought()
    why = {str(one.facts.get("bid") or one.facts.get("package")): one for one in award.why}
    found: dict[tuple[str, str, str], _Delivered] = {}
    for line in award.lines:
        bid = problem.bid_of[line.bid]
        price = Fraction(problem.goods(bid, bought[line.bid]), bought[line.bid])
        at = found.setdefault((bid.lot, line.region, bid.supplier), _Delivered())
        at.book(line.quantity, price, bid.freight[line.region], why[line.bid])
    for taken in award.packages:
        package = problem.package_of[taken.package]
        prices = package_prices(problem, package)
        for lot, spread in taken.spread.items():
            for region, units in spread.items():
                at = found.setdefault((lot, region, package.supplier), _Delivered())
                at.book(units, prices[lot], package.freight[lot][region], why[taken.package])
    return found


def _why_won(case: Case, lot_ref: str, found: _Delivered) -> dict[str, Any]:
    """Return the engine's reason in the tender's own units; with several, that of the bid before that of a package."""
    why = next((one for one in found.whys if "landed" in one.facts), found.whys[0])
    packages = [str(one.facts["package"]).split(PACKAGE_MARK)[1] for one in found.whys if "package" in one.facts]
    facts: dict[str, Any] = {
        "code": why.code,
        "landed": _plain(case, lot_ref, (found.goods + found.freight) / found.units),
    }
    if packages:
        facts["packages"] = packages
    if case.scoring and "landed" in why.facts:
        facts["weighted"] = _plain(case, lot_ref, why.facts["landed"])
    if "next" in why.facts:
        facts["next"] = str(why.facts["next"]).split("/")[0]
        facts["next_landed"] = _plain(case, lot_ref, why.facts["next_landed"])
    return facts


def _plain(case: Case, lot_ref: str, engine_money: object) -> str:
    return format(case.unit_price(lot_ref, Fraction(str(engine_money))), "f")


def rejected_of(case: Case, problem: AwardProblem, award: Award) -> Iterator[dict[str, Any]]:
    """Yield why each losing offer lost, and by how much it was too dear: a unit, or a whole package."""
    for one in award.rejected:
        yield _package_lost(case, problem, one) if PACKAGE_MARK in one.offer else _bid_lost(case, problem, one)
    offered = {(bid.supplier, bid.lot) for bid in problem.bids}
    for lot in case.lots:
        for supplier, _ in lot.offers:
            if (supplier, lot.lot_ref) not in offered:
                yield {"lot": lot.lot_ref, "supplier": supplier, "code": "asks_for_more_than_wanted", "how": "never"}


def _bid_lost(case: Case, problem: AwardProblem, one: Rejected) -> dict[str, Any]:
    bid = problem.bid_of[one.offer]
    said = {
        key: None if cut is None else _plain(case, bid.lot, cut) for key, cut in _discounts(case, bid.supplier, one)
    }
    return {"lot": bid.lot, "supplier": bid.supplier, "code": one.why.code, "how": one.how, **said}


def _package_lost(case: Case, problem: AwardProblem, one: Rejected) -> dict[str, Any]:
    package = problem.package_of[one.offer]
    said = {
        key: None if cut is None else format(case.whole_price(cut), "f")
        for key, cut in _discounts(case, package.supplier, one)
    }
    name, lots = one.offer.split(PACKAGE_MARK)[1], list(package.quantities)
    return {
        "lot": lots[0],
        "lots": lots,
        "package": name,
        "supplier": package.supplier,
        "code": one.why.code,
        "how": one.how,
        **said,
    }


def _discounts(case: Case, supplier: str, one: Rejected) -> Iterator[tuple[str, Fraction | None]]:
    """Yield the discounts on the price itself: what a coefficient divides, it multiplies back."""
    coefficient = case.merit(supplier).coefficient
    for key, cut in (("at_least", one.at_least), ("at_most", one.at_most)):
        yield key, None if cut is None else cut * coefficient
