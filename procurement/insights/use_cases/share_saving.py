"""A billed pool tells how its joint saving would split by every rule, each with its worst group of members."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from marketplace.kernel.money import Money, minor_digits, total
from marketplace.kernel.refusals import BadValue
from marketplace.parties import queries as parties
from procurement.delivery import queries as delivery
from procurement.delivery.queries import BillView
from procurement.engines.reasons import Reason
from procurement.engines.sharing import ALL_RULES, SharingDecision, Split, TariffGame, share
from procurement.insights import models
from procurement.insights.rules import PUBLISHED
from procurement.pools import queries as pools
from procurement.pools.rules import Step

MOST_STEPS = 2**28  # of Shapley's integral: about a second; a larger pool is told that the rule is not offered


@dataclass(frozen=True)
class _Part:
    """One buyer over all its commitments."""

    buyer_id: int
    ref: str
    quantity: Decimal
    goods: Money


def share_saving(*, pool_ref: str, by: str, at: datetime) -> bool:
    """Keep how the joint saving of a billed pool splits by every rule; say whether there was one. Twice is once.

    The game: a group of members pays the published curve (framework or price list) at its own quantity, all together
    what they were billed for goods. Without two buyers, or a curve on which quantity matters, there is none.

    :raises NotFound: there is no such pool.
    """
    view = pools.pool(pool_ref)
    parts = _parts(delivery.bills([view.id]))
    curve = pools.indicative_steps(pool_ref)
    steps = [step for step in curve.steps if step.unit_price.currency == view.currency]
    if curve.source not in PUBLISHED or len(parts) < 2 or len({step.unit_price.amount for step in steps}) < 2:
        return False
    if models.JointSaving.objects.filter(pool_id=view.id).exists():
        return False
    alone = [_alone(steps, part.quantity, view.currency) for part in parts]
    decision, refused = _decided(parts, steps, view.currency)
    with transaction.atomic():
        row, new = models.JointSaving.objects.get_or_create(
            pool_id=view.id,
            defaults={
                "source": curve.source,
                "currency": view.currency,
                "steps": [[str(step.from_quantity), str(step.unit_price.amount)] for step in steps],
                "quantity": sum((part.quantity for part in parts), Decimal(0)),
                "alone_minor": total(alone, view.currency).minor,
                "together_minor": total([part.goods for part in parts], view.currency).minor,
                "splits": [_kept(decision, split) for split in decision.splits] if decision else [],
                "not_offered": refused,
                "why": [one.to_json() for one in decision.why] if decision else [],
                "proved_at": at,
            },
        )
        if new:
            models.JointShare.objects.bulk_create(_shares(row, parts, alone, decision), batch_size=500)
    return new


def _parts(bills: Sequence[BillView]) -> list[_Part]:
    """Return the buyers that were billed, the first bill first."""
    refs = parties.refs_by_id({bill.buyer_id for bill in bills})
    found: dict[int, _Part] = {}
    for bill in bills:
        had = found.get(bill.buyer_id)
        quantity = bill.quantity + (had.quantity if had else 0)
        goods = bill.goods + had.goods if had else bill.goods
        found[bill.buyer_id] = _Part(bill.buyer_id, refs[bill.buyer_id], quantity, goods)
    return list(found.values())


def _alone(steps: Sequence[Step], quantity: Decimal, currency: str) -> Money:
    """Return what the curve asks for `quantity`; below its first step that step's price holds."""
    reached = [step for step in steps if step.from_quantity <= quantity] or [steps[0]]
    return Money.rounded(Fraction(reached[-1].unit_price.amount) * Fraction(quantity), currency)


def _decided(
    parts: Sequence[_Part], steps: Sequence[Step], currency: str
) -> tuple[SharingDecision | None, list[dict[str, Any]]]:
    """Share by every rule; where the sums are too large for any, return why instead."""
    minor = 10 ** minor_digits(currency)
    try:
        game = TariffGame.of(
            [part.ref for part in parts],
            [part.quantity for part in parts],
            [(step.from_quantity, Fraction(step.unit_price.amount) * minor) for step in steps],
            joint=total([part.goods for part in parts], currency).minor,
        )
        decision = share(game, most_steps=MOST_STEPS)
    except BadValue as refused:
        why = Reason("bad_value", {name: str(fact) for name, fact in refused.facts.items()})
        return None, [{"rule": rule.value, **why.to_json()} for rule in ALL_RULES]
    return decision, [{"rule": one.rule.value, **one.why.to_json()} for one in decision.not_offered]


def _kept(decision: SharingDecision, split: Split) -> dict[str, Any]:
    """Return a split as it is kept: the worst coalition by refs, its excess rounded up to the smallest coin."""
    worst = None
    if split.worst is not None:
        excess = Fraction(split.worst.excess, decision.game.parts)
        members = [decision.game.members[place] for place in split.worst.places]
        worst = {"members": members, "excess": str(excess), "excess_minor": math.ceil(excess)}
    return {
        "rule": split.rule.value,
        "in_core": split.in_core,
        "only_rounding": split.only_rounding(decision.game.parts),
        "worst": worst,
        "why": [one.to_json() for one in split.why],
    }


def _shares(
    row: models.JointSaving, parts: Sequence[_Part], alone: Sequence[Money], decision: SharingDecision | None
) -> list[models.JointShare]:
    splits = decision.splits if decision else ()
    return [
        models.JointShare(
            joint=row,
            buyer_id=part.buyer_id,
            quantity=part.quantity,
            alone_minor=cost.minor,
            shares={split.rule.value: split.shares[place] for split in splits},
        )
        for place, (part, cost) in enumerate(zip(parts, alone, strict=True))
    ]
