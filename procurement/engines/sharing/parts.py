"""Sharing what a pooled order costs: parts that add up to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from marketplace.kernel.money import Money, split
from marketplace.kernel.refusals import Refusal
from procurement.engines.reasons import Reason


class NothingToShare(Refusal):
    """There is nobody to share among, or a weight that cannot be one."""

    code = "nothing_to_share"


@dataclass(frozen=True)
class Sharing:
    """Shares in the order of the members, the rule that made them, and each member's exact share before rounding."""

    shares: tuple[Money, ...]
    exact: tuple[Fraction, ...]
    why: Reason


def share_pooled_cost(quantities: Sequence[Decimal], pooled: Money) -> Sharing:
    """Share the cost of a pooled order by quantity (average-cost pricing).

    x_i = pooled * q_i / sum(q). When the supplier's average price never rises with quantity, no group of members could
    do better alone (the shares lie in the core). It does NOT hold for tariffs with a rising step.

    quantities   n >= 1 amounts in one unit, each > 0
    pooled       cost of the joint order, >= 0
    returns      n shares, pooled's currency, sum exactly equal to `pooled` (largest remainder, ties to the earlier
                 member)
    cost         O(n log n)

    :raises NothingToShare: no quantities, or one is not positive; a negative cost.

    Source: Moulin and Shenker, Average cost pricing versus serial cost sharing: an axiomatic comparison, Journal of
    Economic Theory 64, 1994, section 2; worked by hand in tests/worked_examples/test_share_pooled_cost.py.
    """
    _positive(quantities, "quantity")
    return _shared([Fraction(one) for one in quantities], pooled, "by_quantity")


def share_freight(weights: Sequence[Decimal], distances: Sequence[Decimal], freight: Money) -> Sharing:
    """Share the freight of one shipment by weight x distance (tonne-kilometres).

    weights     what each stop received, in one unit, each > 0
    distances   how far each stop lies from the hub, in one unit, >= 0; when all are 0 the weights alone decide
    freight     what the shipment cost, >= 0
    returns     as `share_pooled_cost`
    cost        O(n log n)

    :raises NothingToShare: no stops, lists of different lengths, a weight that is not positive, a negative distance or
        cost.

    Source: ISO 14083:2023, allocation by transport activity (mass x distance), used there for emissions; worked by hand
    in tests/worked_examples/test_share_pooled_cost.py.
    """
    _positive(weights, "weight")
    if len(distances) != len(weights):
        raise NothingToShare(weights=len(weights), distances=len(distances))
    for place, distance in enumerate(distances):
        if not distance.is_finite() or distance < 0:
            raise NothingToShare(place=place, distance=distance)
    if not any(distances):
        return _shared([Fraction(one) for one in weights], freight, "by_weight")
    carried = [Fraction(weight) * Fraction(distance) for weight, distance in zip(weights, distances, strict=True)]
    return _shared(carried, freight, "by_weight_and_distance")


def _positive(amounts: Sequence[Decimal], what: str) -> None:
    if not amounts:
        raise NothingToShare(members=0)
    for place, amount in enumerate(amounts):
        if not amount.is_finite() or amount <= 0:
            raise NothingToShare(**{"place": place, what: amount})


def _shared(weights: Sequence[Fraction], cost: Money, rule: str) -> Sharing:
    if cost.minor < 0:
        raise NothingToShare(cost=cost)
    whole = sum(weights)
    exact = tuple(Fraction(cost.amount) * weight / whole for weight in weights)
    return Sharing(tuple(split(cost, weights)), exact, Reason(rule, {"whole": str(whole), "cost": str(cost)}))
