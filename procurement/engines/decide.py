"""One door to the engines that decide from a document: bytes in, a decision out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marketplace.kernel.refusals import BadValue

Decision = dict[str, Any]


def decide(engine: str, problem: bytes, seconds: float = 10.0) -> Decision:
    """Decide a problem in the agreed format (docs/algorithms/<engine>.md, with its schema).

    engine    `award`, `allocation`, `allocation_rule`, `clearing`, `pooling`, `product_match` or `sharing`
    problem   the raw bytes of the problem; their SHA-256 stands in the decision
    seconds   wall time for reading, deciding and explaining, > 0; rules that are exact at once do not need it

    :raises BadValue: an engine nobody knows, a problem that makes no sense, no time at all.
    :raises NothingToShare: nobody to share among.
    :raises NoAwardInTime: no valid award was found in time.
    """
    if engine not in _ENGINES:
        raise BadValue(place="engine", value=engine, reason=f"none of {', '.join(_ENGINES)}")
    if not seconds > 0:
        raise BadValue(place="seconds", value=seconds, reason="no time")
    return _ENGINES[engine](problem, seconds)


LARGE = 100_000  # bytes of an award problem that machine code decides


def _award(problem: bytes, seconds: float) -> Decision:
    from procurement.engines.award.warm import is_cold, warm
    from procurement.engines.linear import Stopwatch

    if len(problem) > LARGE and is_cold():
        warm()  # once on a machine, and not of the seconds given: they would go by compiling
    watch = Stopwatch(seconds)  # loading the engine takes its time too
    from procurement.engines.award import AwardProblem, solve_award

    read = AwardProblem.from_json(problem)
    return solve_award(read, max(0.1, watch.left), raw=problem).to_json()


def _allocation(problem: bytes, seconds: float) -> Decision:
    from procurement.engines.allocation import AllocationProblem, allocate
    from procurement.engines.linear import Stopwatch

    watch = Stopwatch(seconds)
    read = AllocationProblem.from_json(problem)
    return allocate(read, max(0.1, watch.left), raw=problem).to_json()


def _product_match(problem: bytes, seconds: float) -> Decision:
    from marketplace.engines.product_match.decide import decide as match

    del seconds  # its work is bounded by the catalogue and the lines, not by a search
    return match(problem)


def _pooling(problem: bytes, seconds: float) -> Decision:
    from procurement.engines.pooling.document import decide_pooling

    return decide_pooling(problem, seconds)


def _sharing(problem: bytes, seconds: float) -> Decision:
    from procurement.engines.sharing.problem import decide_sharing

    return decide_sharing(problem)


def _clearing(problem: bytes, seconds: float) -> Decision:
    from procurement.engines.clearing import clear_market, decision_of, market_from_json

    return decision_of(clear_market(market_from_json(problem)), problem)


def _allocation_rule(problem: bytes, seconds: float) -> Decision:
    from procurement.engines.allocation_rules_document import decide_document

    return decide_document(problem)


_ENGINES: dict[str, Callable[[bytes, float], Decision]] = {
    "allocation": _allocation,
    "allocation_rule": _allocation_rule,
    "award": _award,
    "clearing": _clearing,
    "pooling": _pooling,
    "product_match": _product_match,
    "sharing": _sharing,
}
