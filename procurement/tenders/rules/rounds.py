"""Award with all bound demand, drop whom the landed price drives out, award again, until nobody drops.

The engine runs the rounds in which ceilings speak; where suppliers deliver less than a pool wants, its members share
what there is by the rule that the pool named beforehand, and the rounds begin again for those who stay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop
from procurement.engines.allocation_rules import allocate
from procurement.engines.award import (
    INFEASIBLE,
    PROVED,
    Award,
    AwardProblem,
    Dropped,
    Round,
    drop_out_rounds,
    landed_prices,
    solve_award,
)
from procurement.engines.award_check import check_award
from procurement.engines.linear import Stopwatch
from procurement.engines.packs import Row
from procurement.engines.reasons import Reason
from procurement.tenders.rules.cases import Case, Cut, Demand, parts_of
from procurement.tenders.rules.telling import Won, paid, rejected_of, winners_of

LEAST_SECONDS = 2.0
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)  # members come oldest first, so their place alone orders them


class AwardNotConfirmed(Refusal):
    """The independent checker does not agree with the engine: no award, and a bug to be found."""

    code = "award_not_confirmed"
    words = gettext_noop("The checker does not confirm the award: {wrong}.")


class NoAwardPossible(Refusal):
    """The published rules leave no award at all."""

    code = "no_award_possible"
    words = gettext_noop("The rules leave no award: {why}.")


@dataclass(frozen=True)
class Decided:
    """One round: the problem's bytes, what was decided, who dropped out after it or was cut, and why."""

    problem: bytes
    decision: Mapping[str, Any]
    dropped: Mapping[str, Reason]
    cut: Mapping[str, Cut] = field(default_factory=dict)
    money_scale: int = 1


@dataclass(frozen=True)
class PartAward:
    """How a group of lots was decided; the last round's solution stands.

    prices   by pool: goods and freight a unit, blended over its suppliers, the same for every member
    members  by pool, who was bound to begin with
    dropped  who is out, with why; `failed`: pools nobody is left in, with why; `cut`: who gets less than was bound
    total    what the last round's goods, freight and winners cost, exactly; `score` what they count as where merit
             counts beside the price, else the same; `bound` below the score, `proved` when they meet
    final    the case that the last round was decided on
    """

    rounds: tuple[Decided, ...]
    members: Mapping[str, tuple[str, ...]]
    dropped: Mapping[str, Reason]
    failed: Mapping[str, str]
    cut: Mapping[str, Cut] = field(default_factory=dict)
    won: tuple[Won, ...] = ()
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    rejected: tuple[Mapping[str, Any], ...] = ()
    total: Fraction = Fraction(0)
    score: Fraction = Fraction(0)
    bound: Fraction = Fraction(0)
    proved: bool = True
    final: Case | None = None


def decide(case: Case, seconds: float) -> Iterator[PartAward]:
    """Decide every part of a case; yields one award for each, as it is found.

    seconds     for all parts together, shared by their size; a part gets two at least

    :raises AwardNotConfirmed: the checker does not agree.
    :raises NoAwardPossible: the rules exclude every award.
    :raises NoAwardInTime: the engine found none in time.
    """
    watch, parts = Stopwatch(seconds), parts_of(case)
    weights = [sum(1 + len(lot.offers) for lot in part.lots) for part in parts]
    for place, part in enumerate(parts):
        share = watch.left * weights[place] / sum(weights[place:])
        yield _decide_part(part, _confirmed(max(LEAST_SECONDS, share)))


def _confirmed(seconds: float) -> Callable[[AwardProblem], Award]:
    """Return how one round is decided: by the engine, and read by the checker, which shares no code with it."""

    def solve(problem: AwardProblem) -> Award:
        award = solve_award(problem, seconds)
        wrong = check_award(problem.to_json(), json.dumps(award.to_json()))
        if wrong:
            raise AwardNotConfirmed(wrong="; ".join(wrong[:3]))
        if award.status == INFEASIBLE:
            raise NoAwardPossible(why="; ".join(f"{one.code} {dict(one.facts)}" for one in award.why))
        return award

    return solve


@dataclass
class _Standing:
    """A part while its rounds go on."""

    case: Case
    members: Mapping[str, tuple[str, ...]]
    rounds: list[Decided] = field(default_factory=list)
    dropped: dict[str, Reason] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    cut: dict[str, Cut] = field(default_factory=dict)

    def note(
        self, problem: AwardProblem, award: Award, out: Mapping[str, Reason], cut: Mapping[str, Cut] | None = None
    ) -> None:
        """Keep a round, take out who dropped after it and cut whom it says; a pool nobody is left in has failed."""
        self.rounds.append(Decided(problem.to_json(), award.to_json(), out, cut or {}, self.case.money_scale))
        self.dropped |= out
        self.cut = {ref: one for ref, one in (self.cut | dict(cut or {})).items() if ref not in self.dropped}
        lots = (lot.without(out, cut or {}) for lot in self.case.lots)
        before = list(_demands(self.case))
        self.case = replace(self.case, lots=tuple(lot for lot in lots if lot.demands))
        left = {one.pool_ref for one in _demands(self.case)}
        for demand in before:
            if demand.pool_ref not in left:
                self.failed[demand.pool_ref] = ", ".join(sorted({out[m.commitment_ref].code for m in demand.members}))


def _decide_part(part: Case, solve: Callable[[AwardProblem], Award]) -> PartAward:
    """Run the rounds of one part: each but the last takes out or cuts one member at least, so they end."""
    standing = _Standing(part, {one.pool_ref: tuple(m.commitment_ref for m in one.members) for one in _demands(part)})
    while standing.case.lots:
        case = standing.case
        *before, last = drop_out_rounds(case.problem(), case.wants(), fee=case.fees(), decide=_scored(case, solve))
        for one in before:
            dropped = {out.want.line: _too_dear(case, out) for out in one.dropped}
            standing.note(case.scored(one.problem), one.award, dropped)
        won = list(winners_of(case, last.problem, last.award))
        out, cut = _unserved(standing.case, won)
        standing.note(case.scored(last.problem), last.award, out, cut)
        if not (out or cut) and won:
            return _final(standing, case, last, won)
    return PartAward(tuple(standing.rounds), standing.members, standing.dropped, standing.failed, standing.cut)


def _scored(case: Case, solve: Callable[[AwardProblem], Award]) -> Callable[[AwardProblem], Award]:
    """Decide on what prices count as; what is paid is reckoned on the prices themselves."""
    return lambda asked: solve(case.scored(asked))


def _too_dear(case: Case, out: Dropped) -> Reason:
    lot, ceiling = out.want.lot, out.want.ceiling or Fraction(0)
    facts = {"landed": case.unit_price(lot, out.landed), "ceiling": case.unit_price(lot, ceiling)}
    return Reason("price_above_ceiling", {name: format(price, "f") for name, price in facts.items()})


def _unserved(case: Case, won: list[Won]) -> tuple[dict[str, Reason], dict[str, Cut]]:
    """Return the members for whom nobody delivers, and those who get a part: by the rule each pool named beforehand."""
    served: dict[str, Decimal] = {}
    for one in won:
        served[one.pool_ref] = served.get(one.pool_ref, Decimal(0)) + one.quantity
    out: dict[str, Reason] = {}
    cut: dict[str, Cut] = {}
    for lot in case.lots:
        for demand in lot.demands:
            left = served.get(demand.pool_ref, Decimal(0))
            if left < demand.quantity:
                gone, less = _shared_out(demand, left, lot.step)
                out |= gone
                cut |= less
    return out, cut


def _shared_out(demand: Demand, left: Decimal, step: Decimal) -> tuple[dict[str, Reason], dict[str, Cut]]:
    rows = [
        Row(one.commitment_ref, one.buyer or one.commitment_ref, one.quantity, Decimal(0), AT_ONCE, place, one.priority)
        for place, one in enumerate(demand.members)
    ]
    facts = {"delivered": format(left, "f"), "wanted": format(demand.quantity, "f")}
    shares = [(share, share.quantity) for share in allocate(demand.rule, rows, left, step=step).shares]
    bound = {one.commitment_ref: one.quantity for one in demand.members}
    out = {share.ref: Reason("nobody_delivers", facts) for share, got in shares if not got}
    return out, {share.ref: Cut(got, share.why) for share, got in shares if 0 < got < bound[share.ref]}


def _demands(case: Case) -> Iterator[Demand]:
    return (one for lot in case.lots for one in lot.demands)


def _final(standing: _Standing, case: Case, last: Round, won: list[Won]) -> PartAward:
    problem, award = last.problem, last.award
    pool_of = {(lot.lot_ref, one.region): one.pool_ref for lot in case.lots for one in lot.demands}
    blended = landed_prices(problem, award)
    return PartAward(
        rounds=tuple(standing.rounds),
        members=standing.members,
        dropped=standing.dropped,
        failed=standing.failed,
        cut=standing.cut,
        won=tuple(won),
        prices={pool_of[place]: case.unit_price(place[0], price) for place, price in blended.items()},
        rejected=tuple(rejected_of(case, problem, award)),
        total=Fraction(paid(problem, award.mix), case.money_scale),
        score=Fraction(award.total, case.money_scale),
        bound=Fraction(award.bound_exact or 0) / case.money_scale,
        proved=award.status == PROVED,
        final=standing.case,
    )
