"""An award against the engine: who may win is narrowed by hand, the rest is decided as ever, the difference told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from marketplace.kernel.refusals import BadValue
from procurement.engines.award import AwardLine, AwardProblem, Mix, PackageAward, cost, solve_award
from procurement.engines.award_check import check_award
from procurement.engines.linear import Stopwatch
from procurement.tenders.rules.cases import Case, LotCase
from procurement.tenders.rules.rounds import AwardNotConfirmed, Decided, NoAwardPossible, PartAward, decide


@dataclass(frozen=True)
class Wishes:
    """Who may not win anything, and for a lot the suppliers that alone may win it."""

    without: frozenset[str] = frozenset()
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, said: object, case: Case) -> Wishes:
        """Return the wishes that a document says.

        :raises BadValue: an unknown key, a supplier or lot that is not of this tender, nothing wished.
        """
        if not isinstance(said, Mapping) or set(said) - {"without", "only"}:
            raise BadValue(place="wishes", value=str(said)[:80], reason="say `without` and `only`, nothing else")
        bidders = {supplier for lot in case.lots for supplier, _ in lot.offers} | {ref for ref, _ in case.packages}
        lots = {lot.lot_ref for lot in case.lots}
        without = _known("without", said.get("without") or [], bidders)
        only = said.get("only") or {}
        if not isinstance(only, Mapping):
            raise BadValue(place="only", value=str(only)[:80], reason="is no object of lots")
        _known("only", list(only), lots)
        named = {lot: _known(f"only.{lot}", refs, bidders) for lot, refs in only.items()}
        if not without and not any(named.values()):
            raise BadValue(place="wishes", value="", reason="wish nothing: the engine's award would stand")
        return cls(without, {lot: refs for lot, refs in named.items() if refs})

    def document(self) -> dict[str, Any]:
        return {"without": sorted(self.without), "only": {lot: sorted(refs) for lot, refs in sorted(self.only.items())}}

    def allow(self, supplier: str, lots: Sequence[str]) -> bool:
        """Tell whether the supplier may win these lots."""
        return supplier not in self.without and all(supplier in self.only.get(lot, {supplier}) for lot in lots)


def _known(place: str, refs: object, known: set[str]) -> frozenset[str]:
    if not isinstance(refs, list | tuple) or not all(isinstance(ref, str) for ref in refs):
        raise BadValue(place=place, value=str(refs)[:80], reason="is no list of refs")
    unknown = next((ref for ref in refs if ref not in known), None)
    if unknown is not None:
        raise BadValue(place=place, value=unknown[:80], reason="is none of this tender")
    return frozenset(refs)


@dataclass(frozen=True)
class Override:
    """What an award against the engine comes to, beside the best award of the same demand.

    parts  how each part was decided on the narrowed offers
    proof  the whole, told on all offers: valid, with the bound that shows how far from the best it is
    total  what it counts as; `best` what the best award of the same demand does
    """

    parts: tuple[PartAward, ...]
    proof: Decided | None
    total: Fraction
    best: Fraction

    @property
    def cost(self) -> Fraction:
        return max(Fraction(0), self.total - self.best)


def narrowed(case: Case, wishes: Wishes) -> Case:
    """Return the case with the offers that may win."""
    lots = (
        replace(lot, offers=tuple(one for one in lot.offers if wishes.allow(one[0], [lot.lot_ref])))
        for lot in case.lots
    )
    packages = (one for one in case.packages if wishes.allow(one[0], [lot.lot_ref for lot in one[1].lots]))
    return replace(case, lots=tuple(lots), packages=tuple(packages))


def override(case: Case, wishes: Wishes, seconds: float) -> Override:
    """Decide with the offers that may win, then decide the same demand with all of them, and compare.

    The independent checker reads both: each round as its own award, and the whole as an award of all offers that is
    valid though not the cheapest.

    :raises AwardNotConfirmed: the checker does not agree.
    :raises NoAwardPossible: the rules leave no award among who may win.
    :raises NoAwardInTime: none was found in time.
    """
    watch = Stopwatch(seconds)
    parts = tuple(decide(narrowed(case, wishes), watch.left / 2))
    standing = [lot for part in parts if part.final for lot in part.final.lots]
    if not standing:
        raise NoAwardPossible(why="nobody who may win delivers anything")
    whole = _with_all_offers(case, standing)
    problem = whole.scored(whole.problem())
    best = solve_award(problem, max(2.0, watch.left), prices_to_win=False)
    mix = _as_one(whole, parts)
    total = cost(problem, mix)
    said = {
        **best.to_json(),
        "status": "feasible",
        "total": total,
        "lines": [{"bid": one.bid, "region": one.region, "quantity": one.quantity} for one in mix.lines],
        "packages": [{"package": p.package, "spread": {k: dict(v) for k, v in p.spread.items()}} for p in mix.packages],
        "unserved": [],
        "why": [],
        "rejected": [],
    }
    wrong = check_award(problem.to_json(), json.dumps(said))
    if wrong:
        raise AwardNotConfirmed(wrong="; ".join(wrong[:3]))
    proof = Decided(problem.to_json(), said, {}, {}, whole.money_scale)
    return Override(parts, proof, Fraction(total, whole.money_scale), Fraction(best.total, whole.money_scale))


def _with_all_offers(case: Case, standing: Sequence[LotCase]) -> Case:
    """Return all that was offered, for what is still wanted."""
    wanted = {lot.lot_ref: lot.demands for lot in standing}
    lots = (replace(lot, demands=wanted[lot.lot_ref]) for lot in case.lots if lot.lot_ref in wanted)
    return replace(case, lots=tuple(lots))


def _as_one(whole: Case, parts: Sequence[PartAward]) -> Mix:
    """Return what the parts decided as one mix, counted in the whole's steps."""
    lines: list[AwardLine] = []
    packages: list[PackageAward] = []
    for part in parts:
        if part.final is None:
            continue
        last = part.rounds[-1]
        problem, decision = AwardProblem.from_json(last.problem), last.decision

        def steps(lot: str, count: int, final: Case = part.final) -> int:
            return int(count * final.step_of_lot[lot] / whole.step_of_lot[lot])

        lines += [
            AwardLine(one["bid"], one["region"], steps(problem.bid_of[one["bid"]].lot, one["quantity"]))
            for one in decision["lines"]
        ]
        packages += [
            PackageAward(
                one["package"],
                {lot: {r: steps(lot, n) for r, n in spread.items()} for lot, spread in one["spread"].items()},
            )
            for one in decision["packages"]
        ]
    return Mix(tuple(lines), tuple(packages))
