"""Deciding an award: relax, start, branch and bound, then prove and explain."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from marketplace.kernel.refusals import Refusal
from procurement.engines.award import explain, proof, start
from procurement.engines.award.by_lots import decide_by_lots, suited
from procurement.engines.award.decision import FEASIBLE, INFEASIBLE, OPTIMAL, PROVED, Award, cost
from procurement.engines.award.lots import Lots
from procurement.engines.award.lots_explain import Losers
from procurement.engines.award.model import AwardModel, build
from procurement.engines.award.problem import AwardProblem
from procurement.engines.linear import Relaxed, Solved, Stopwatch, complete, relax, solve_whole
from procurement.engines.reasons import Reason

WHOLE = 800  # columns up to which everything is one model and nothing else
FIRST_SHARE = 0.2  # of the time, for one model of what is larger
SMALL = 6_000  # columns up to which ties are broken and the gap is closed by enumeration
LOSER_SECONDS = 0.0012  # to price one loser
CLOSING_SECONDS = 0.0002  # to write down what concerns one bid


class NoAwardInTime(Refusal):
    """Not one valid award was found in the seconds given."""

    code = "no_award_in_time"


def solve_award(
    problem: AwardProblem, seconds: float = 10.0, *, raw: bytes | None = None, prices_to_win: bool = True
) -> Award:
    """Award the tender to the cheapest valid mix, with a bound, reasons and the prices at which losers would have won.

    seconds         wall time for everything; an award that is settled earlier is returned earlier
    raw             the bytes the problem was read from, for `problem_sha256`; its canonical bytes when left out
    prices_to_win   False leaves `rejected` empty
    returns         the award; of equally cheap ones, the one whose offers stand earliest in the problem (settled small
                    problems); `status` is `infeasible` when the rules leave no award at all

    The same problem gives the same award as long as it is settled within its seconds.

    :raises NoAwardInTime: neither an award nor the proof that there is none was found in time.

    Source: docs/algorithms/award.md.
    """
    watch = Stopwatch(seconds)
    sha256 = hashlib.sha256(raw).hexdigest() if raw is not None else problem.sha256()
    size = _columns(problem)
    lots = suited(problem) if size > WHOLE else None
    first = None
    if lots is None or size <= SMALL:
        share = 1.0 if lots is None else FIRST_SHARE
        first = _at_once(problem, sha256, watch, share * watch.left, prices_to_win=prices_to_win)
    if lots is not None and (first is None or first.status == FEASIBLE):
        second = _by_lots(lots, sha256, watch, watch.left, prices_to_win=prices_to_win)
        if second is None and first is None:
            first = _at_once(problem, sha256, watch, max(0.1, watch.left), prices_to_win=prices_to_win)
        elif second is not None and (first is None or second.total <= first.total):
            return second
    if first is None:
        raise NoAwardInTime(seconds=seconds, columns=size)
    return first


def _at_once(
    problem: AwardProblem, sha256: str, watch: Stopwatch, seconds: float, *, prices_to_win: bool
) -> Award | None:
    """Decide with one model of everything within `seconds`; reasons may take what `watch` leaves."""
    search = Stopwatch(seconds)
    model = build(problem)
    closing = _closing_seconds(model, seconds)
    found = _search(model, Stopwatch(search.left - closing), seconds)
    if found.infeasible:
        return Award(INFEASIBLE, sha256, why=(_why_none(problem),))
    if found.values is None:
        return None
    rest = watch.left if found.finished else search.left
    return _proved(model, found, sha256, Stopwatch(rest - closing), prices_to_win=prices_to_win)


def _columns(problem: AwardProblem) -> int:
    """How many columns the model has, about."""
    regions, bids = len(problem.regions), problem.bids
    return sum(2 * len(bid.tiers) + regions + 1 for bid in bids) + regions * len(problem.lots)


def _by_lots(lots: Lots, sha256: str, watch: Stopwatch, seconds: float, *, prices_to_win: bool) -> Award | None:
    """Decide lot by lot what a model of everything at once is too large for; None where no award was found."""
    problem = lots.problem
    closing = 0.03 * seconds + (LOSER_SECONDS * len(problem.bids) if prices_to_win else 0.0)
    closing += CLOSING_SECONDS * len(problem.bids)
    found = decide_by_lots(lots, Stopwatch(watch.left - min(0.4 * seconds, closing)))
    mix, proof = found.mix, found.proof
    if mix is None or found.state is None:
        return None
    total, bound = cost(problem, mix), proof.bound
    award = Award(
        status=PROVED if bound == total else FEASIBLE,
        problem_sha256=sha256,
        mix=mix,
        total=total,
        bound_exact=bound,
        bound_solver=float(bound),
        certificate=proof.certificate(),
        why=explain.why_won(problem, mix),
    )
    if not prices_to_win or found.tree.root is None:
        return award
    losers = Losers(lots, mix, found.state, prices=found.tree.root, pricer=found.tree.columns.pricer, total=total)
    return replace(award, rejected=losers.all(watch))


@dataclass
class _Found:
    """What the search knows so far."""

    relaxed: Relaxed
    multipliers: Mapping[str, int]
    values: list[int] | None = None
    bound: float = 0.0
    finished: bool = False
    infeasible: bool = False

    def better(self, model: AwardModel, values: list[int] | None) -> None:
        if values and (self.values is None or model.linear.objective(values) < model.linear.objective(self.values)):
            self.values = values


def _closing_seconds(model: AwardModel, seconds: float) -> float:
    """What completing, bounding and writing take after the search."""
    return min(0.5 * seconds, 0.05 + 0.03 * seconds + 5e-5 * len(model.linear.columns))


def _search(model: AwardModel, watch: Stopwatch, seconds: float) -> _Found:
    """Relax; start from the suppliers the relaxation likes; search all; then search among the winners found."""
    relaxed = relax(model.linear, watch.left * 0.6)
    found = _Found(relaxed, relaxed.multipliers if relaxed.value is not None else proof.simple_multipliers(model))
    if relaxed.infeasible:
        found.infeasible = True
        return found
    found.bound = relaxed.value or 0.0
    if relaxed.values:
        whole = start.whole_of(model, relaxed.values)
        found.better(model, complete(model.linear, whole, max(0.5, watch.left * 0.2)))
    if _at_bound(model, found):
        found.finished = True
        return found
    first = start.greedy(model.problem, _allowed(model, relaxed))
    if first is not None:
        found.better(model, complete(model.linear, start.point_of(model, first), max(0.5, watch.left * 0.2)))
        found.values = found.values or start.point_of(model, first)
    if _at_bound(model, found):
        found.finished = True
        return found
    _note(model, found, solve_whole(model.linear, min(watch.left, 0.45 * seconds), start=found.values), watch)
    if not found.finished and not found.infeasible and watch.left > 0:
        _among_winners(model, found, watch)
    return found


def _at_bound(model: AwardModel, found: _Found) -> bool:
    """Whether the relaxation already shows that nothing is cheaper."""
    if found.values is None:
        return False
    return proof.plain(model.linear, found.multipliers).bound >= model.linear.objective(found.values)


def _allowed(model: AwardModel, relaxed: Relaxed) -> list[str]:
    values = relaxed.values or [float(one.most) for one in model.problem.suppliers]
    return start.liked(model, values)


def _note(model: AwardModel, found: _Found, solved: Solved, watch: Stopwatch) -> None:
    found.bound = max(found.bound, solved.bound)
    found.infeasible = solved.infeasible
    if solved.values is not None:
        found.better(model, complete(model.linear, solved.values, max(1.0, watch.left)))
    # Finished only if what was found, in integers, is as good as what the solver claims.
    found.finished = solved.finished and found.values is not None and _reached(model, found.values, solved.bound)


def _reached(model: AwardModel, values: list[int], bound: float) -> bool:
    """Whether integers reach a floating-point bound, up to what doubles can tell."""
    total = model.linear.objective(values)
    return total - bound < max(1.0, 1e-9 * total)


def _among_winners(model: AwardModel, found: _Found, watch: Stopwatch) -> None:
    """Search on with the winners as they are: a much smaller problem, whose answer is valid for the whole."""
    if found.values is None:
        return
    fixed = {column: found.values[column] for column in model.winner.values()}
    solved = solve_whole(model.linear, watch.left, fixed=fixed, start=found.values)
    if solved.values is not None:
        found.better(model, complete(model.linear, solved.values, max(1.0, watch.left)))


def _why_none(problem: AwardProblem) -> Reason:
    bidding = {one.supplier for one in problem.bids} | {one.supplier for one in problem.packages}
    return Reason("rules_exclude_all", {"winners_min": problem.rules.winners_min, "bidders": len(bidding)})


def _proved(model: AwardModel, found: _Found, sha256: str, watch: Stopwatch, *, prices_to_win: bool) -> Award:
    """Turn the values found into an award with its proof and its reasons."""
    values = _first_of_equals(model, found, watch)
    total = model.linear.objective(values)
    certified = proof.plain(model.linear, found.multipliers)
    if found.finished and certified.bound < total and len(values) <= SMALL:
        certified = proof.enumerate_to(model.linear, total, found.multipliers, Stopwatch(watch.left / 2))
    mix = start.mix_of(model, values)
    award = Award(
        status=PROVED if certified.bound == total else OPTIMAL if found.finished else FEASIBLE,
        problem_sha256=sha256,
        mix=mix,
        total=cost(model.problem, mix),
        bound_exact=certified.bound,
        bound_solver=float(total) if found.finished else min(max(found.bound, float(certified.bound)), float(total)),
        certificate=certified.certificate(model.linear),
        why=explain.why_won(model.problem, mix),
    )
    if not prices_to_win:
        return award
    lost = explain.why_lost(model, award, found.multipliers, watch, settled=found.finished)
    return replace(award, rejected=lost)


def _first_of_equals(model: AwardModel, found: _Found, watch: Stopwatch) -> list[int]:
    """Return, of all awards at the same total, the one whose offers stand earliest in the problem."""
    values, linear = found.values or [], model.linear
    if not found.finished or len(values) > SMALL or watch.left <= 0:
        return values
    total = linear.objective(values)
    capped = replace(linear, rows=list(linear.rows))
    capped.row("total", "<=", total, [(column, price) for column, price in enumerate(linear.cost) if price])
    places = [0.0] * len(linear.cost)
    for place, bid in enumerate(model.problem.bids):
        for column in model.used(bid):
            places[column] = place + 1
    for place, column in enumerate(model.package_taken.values()):
        places[column] = len(model.problem.bids) + place + 1
    solved = solve_whole(capped, watch.left / 3, start=values, cost=places)
    again = complete(linear, solved.values, max(1.0, watch.left)) if solved.values is not None else None
    return again if again and linear.objective(again) == total else values
