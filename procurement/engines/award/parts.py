"""Parts of a problem that no rule and no supplier ties together: what is decided in one changes nothing in another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from procurement.engines.award.decision import Mix
from procurement.engines.award.model import fits, most_of
from procurement.engines.award.problem import AwardProblem


def parts_of(problem: AwardProblem) -> list[AwardProblem]:
    """Split a problem into independent parts; their totals add up to the whole's.

    Lots hang together through a package, through a supplier whose limit could bind or whose winning costs something;
    all of them do through a number of winners that could bind.
    """
    suppliers = {one.supplier for one in problem.bids} | {one.supplier for one in problem.packages}
    rules = problem.rules
    if rules.winners_min > 0 or rules.winners_max < len(suppliers):
        return [problem]
    root = {lot.lot: lot.lot for lot in problem.lots}
    for package in problem.packages:
        _join(root, package.quantities)
    for lots in _tying(problem).values():
        _join(root, lots)
    names: dict[str, set[str]] = {}
    for lot in root:
        names.setdefault(_find(root, lot), set()).add(lot)
    return [_restricted(problem, lots) for lots in names.values()]


def mix_in(part: AwardProblem, mix: Mix) -> Mix:
    """The mix's share in one part."""
    return Mix(
        tuple(line for line in mix.lines if line.bid in part.bid_of),
        tuple(one for one in mix.packages if one.package in part.package_of),
        tuple(one for one in mix.unserved if one.lot in part.lot_of),
    )


def _tying(problem: AwardProblem) -> dict[str, list[str]]:
    """The lots of each supplier that ties its lots together."""
    lots: dict[str, list[str]] = {}
    reach: dict[str, int] = {}
    for bid in problem.bids:
        lots.setdefault(bid.supplier, []).append(bid.lot)
        reach[bid.supplier] = reach.get(bid.supplier, 0) + min(bid.tiers[-1].end, most_of(problem, bid))
    for package in problem.packages:
        if fits(problem, package):
            lots.setdefault(package.supplier, []).extend(package.quantities)
            reach[package.supplier] = reach.get(package.supplier, 0) + package.quantity
    limit, costly = problem.supplier_of, problem.rules.fixed_cost_per_winner > 0
    return {name: named for name, named in lots.items() if costly or reach[name] > limit[name].most}


def _find(root: dict[str, str], lot: str) -> str:
    while root[lot] != lot:
        root[lot] = root[root[lot]]
        lot = root[lot]
    return lot


def _join(root: dict[str, str], lots: Iterable[str]) -> None:
    first, *others = [_find(root, lot) for lot in lots] or [""]
    for other in others:
        root[_find(root, other)] = _find(root, first)


def _restricted(problem: AwardProblem, lots: set[str]) -> AwardProblem:
    return replace(
        problem,
        lots=tuple(one for one in problem.lots if one.lot in lots),
        bids=tuple(one for one in problem.bids if one.lot in lots),
        packages=tuple(one for one in problem.packages if lots.issuperset(one.quantities)),
    )
