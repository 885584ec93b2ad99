"""What an award problem must satisfy before anybody decides on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from procurement.engines.reading import refuse

if TYPE_CHECKING:
    from procurement.engines.award.problem import AwardProblem, Bid, Package

MOST_TOTAL = 2**63  # a ledger counts in signed 64-bit integers


def check(problem: AwardProblem) -> None:
    """Accept a problem that makes sense.

    :raises BadValue: naming the first place, value and reason that does not.
    """
    if problem.mode not in ("all_units", "incremental"):
        refuse("mode", problem.mode, "neither all_units nor incremental")
    _once("regions", problem.regions)
    _once("lots", [one.lot for one in problem.lots])
    _once("suppliers", [one.supplier for one in problem.suppliers])
    _once("bids", [one.bid for one in problem.bids])
    _once("packages", [one.package for one in problem.packages])
    _lots(problem)
    for bid in problem.bids:
        _bid(problem, bid)
    for package in problem.packages:
        _package(problem, package)
    _rules(problem)
    _size(problem)


def _once(place: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            refuse(place, name, "stands twice")
        seen.add(name)


def _not_negative(place: str, value: int) -> None:
    if value < 0:
        refuse(place, value, "negative")


def _same_names(place: str, found: Mapping[str, object], wanted: Iterable[str]) -> None:
    missing, foreign = set(wanted) - set(found), set(found) - set(wanted)
    if missing:
        refuse(place, min(missing), "missing")
    if foreign:
        refuse(place, min(foreign), "unknown")


def _known(place: str, name: str, names: Mapping[str, object]) -> None:
    if name not in names:
        refuse(place, name, "unknown")


def _lots(problem: AwardProblem) -> None:
    for lot in problem.lots:
        _same_names(f"{lot.lot}.demand", lot.demand, problem.regions)
        _not_negative(f"{lot.lot}.reserve", lot.reserve)
        for region, quantity in lot.demand.items():
            _not_negative(f"{lot.lot}.demand.{region}", quantity)
    for one in problem.suppliers:
        _not_negative(f"{one.supplier}.capacity", one.capacity)
        _not_negative(f"{one.supplier}.share_cap", one.share_cap)


def _bid(problem: AwardProblem, bid: Bid) -> None:
    _known(f"{bid.bid}.supplier", bid.supplier, problem.supplier_of)
    _known(f"{bid.bid}.lot", bid.lot, problem.lot_of)
    _same_names(f"{bid.bid}.freight", bid.freight, problem.regions)
    _not_negative(f"{bid.bid}.criteria", bid.criteria)
    for region, freight in bid.freight.items():
        _not_negative(f"{bid.bid}.freight.{region}", freight)
    if not bid.tiers:
        refuse(f"{bid.bid}.tiers", None, "no tier")
    _tiers(bid)


def _tiers(bid: Bid) -> None:
    expected = max(1, bid.tiers[0].start)
    for place, tier in enumerate(bid.tiers):
        where = f"{bid.bid}.tiers[{place}]"
        _not_negative(f"{where}.price", tier.price)
        if tier.start < 1:
            refuse(f"{where}.from", tier.start, "less than 1")
        if tier.start != expected:
            refuse(f"{where}.from", tier.start, f"{'a gap' if tier.start > expected else 'an overlap'} at {expected}")
        if tier.end < tier.start:
            refuse(f"{where}.to", tier.end, f"ends before {tier.start}")
        expected = tier.end + 1


def _package(problem: AwardProblem, package: Package) -> None:
    name = package.package
    _known(f"{name}.supplier", package.supplier, problem.supplier_of)
    _not_negative(f"{name}.price", package.price)
    if not package.quantities:
        refuse(f"{name}.quantities", None, "no lot")
    _same_names(f"{name}.freight", package.freight, package.quantities)
    _same_names(f"{name}.criteria", package.criteria, package.quantities)
    for lot, quantity in package.quantities.items():
        _known(f"{name}.quantities", lot, problem.lot_of)
        if quantity < 1:
            refuse(f"{name}.quantities.{lot}", quantity, "less than 1")
        _not_negative(f"{name}.criteria.{lot}", package.criteria[lot])
        _same_names(f"{name}.freight.{lot}", package.freight[lot], problem.regions)
        for region, freight in package.freight[lot].items():
            _not_negative(f"{name}.freight.{lot}.{region}", freight)


def _rules(problem: AwardProblem) -> None:
    rules = problem.rules
    _not_negative("rules.winners_min", rules.winners_min)
    _not_negative("rules.fixed_cost_per_winner", rules.fixed_cost_per_winner)
    _not_negative("rules.winners_per_lot", rules.winners_per_lot)
    if rules.winners_max < rules.winners_min:
        refuse("rules.winners_max", rules.winners_max, f"less than winners_min {rules.winners_min}")


def _size(problem: AwardProblem) -> None:
    """No award can cost more than a ledger holds, whatever is decided."""
    most = len(problem.suppliers) * problem.rules.fixed_cost_per_winner
    dearest = {lot.lot: lot.reserve for lot in problem.lots}
    for bid in problem.bids:
        unit = max(one.price for one in bid.tiers) + max(bid.freight.values(), default=0) + bid.criteria
        dearest[bid.lot] = max(dearest[bid.lot], unit)
    most += sum(lot.quantity * dearest[lot.lot] for lot in problem.lots)
    for one in problem.packages:
        dear = max((one.landed(lot, region) for lot in one.quantities for region in problem.regions), default=0)
        most += one.price + one.quantity * dear
    if most >= MOST_TOTAL:
        refuse("total", most, "more money than a ledger holds")
