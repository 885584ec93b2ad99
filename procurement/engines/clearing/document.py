"""The JSON form of a market and of what its clearing decided (docs/algorithms/clearing.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from procurement.engines import reading
from procurement.engines.clearing.curves import LONG_AGO, Demand, Level, Market, PriceCurve, Tier
from procurement.engines.clearing.outcome import Clearing, NextStep, Outcome, Place, Tried
from procurement.engines.reading import Page


def market_from_json(raw: bytes | str) -> Market:
    """Read a market; members of one instant, or without any, are as old as they stand in the document.

    :raises BadValue: no such document; the engine refuses what is well written and makes no sense.
    """
    page = reading.document(raw)
    page.only("kind", "members", "suppliers", "rule", "fee_percent", "step")
    if page.text("kind") != "clearing":
        reading.refuse("kind", page.text("kind"), "not clearing")
    return Market(
        demands=tuple(_demands(page)),
        curves=tuple(_curve(one) for one in page.pages("suppliers")),
        rule=page.text("rule") if page.has("rule") else "first_come",
        fee_percent=page.decimal("fee_percent") if page.has("fee_percent") else Decimal(0),
        step=page.decimal("step") if page.has("step") else Decimal(1),
    )


def _demands(page: Page) -> Iterator[Demand]:
    for place, one in enumerate(page.pages("members")):
        one.only("member", "levels", "at", "priority")
        at = one.instant("at") if one.has("at") else LONG_AGO
        priority = one.number("priority") if one.has("priority") else 0
        yield Demand(one.text("member"), tuple(_levels(one)), at, place, priority)


def _levels(page: Page) -> Iterator[Level]:
    for one in page.pages("levels"):
        one.only("price", "quantity")
        yield Level(one.decimal("price") if one.has("price") else None, one.decimal("quantity"))


def _curve(page: Page) -> PriceCurve:
    page.only("supplier", "tiers", "capacity", "pack", "freight")
    return PriceCurve(
        supplier=page.text("supplier"),
        tiers=tuple(_tiers(page)),
        capacity=page.decimal("capacity") if page.has("capacity") else None,
        pack=page.decimal("pack") if page.has("pack") else None,
        freight=page.decimals("freight") if page.has("freight") else {},
    )


def _tiers(page: Page) -> Iterator[Tier]:
    for one in page.pages("tiers"):
        one.only("from", "price")
        yield Tier(one.decimal("from"), one.decimal("price"))


def decision_of(clearing: Clearing, raw: bytes) -> dict[str, Any]:
    """Return the decision as JSON: the chosen supplier's outcome with its members, the others in short."""
    chosen = clearing.chosen
    best, *others = clearing.outcomes
    return {
        "kind": "clearing",
        "problem_sha256": hashlib.sha256(raw).hexdigest(),
        "supplier": chosen.supplier if chosen else None,
        "price": text(chosen.tier.price) if chosen and chosen.tier else None,
        "why": clearing.why.to_json(),
        "members": [_place(one) for one in best.places],
        **_outcome(best),
        "others": [{"supplier": one.supplier, **_outcome(one)} for one in others],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "tier": None if outcome.tier is None else _tier(outcome.tier),
        "demand": text(outcome.demand),
        "sold": text(outcome.sold),
        "gain": text(outcome.gain),
        "tiers": [_tried(one) for one in outcome.tried],
        "next": None if outcome.next_step is None else next_of(outcome.next_step),
    }


def _tier(tier: Tier) -> dict[str, str]:
    return {"from": text(tier.start), "price": text(tier.price)}


def _tried(one: Tried) -> dict[str, Any]:
    missing = None if one.missing is None else text(one.missing)
    return {
        **_tier(one.tier),
        "demand": text(one.demand),
        "sold": text(one.sold),
        "missing": missing,
        "reached": one.reached,
    }


def next_of(step: NextStep) -> dict[str, Any]:
    """Return the next step as JSON: what is missing, and how much less everybody pays, rounded and exact."""
    return {
        **_tier(step.tier),
        "missing": text(step.missing),
        "percent": None if step.percent is None else text(step.percent),
        "less": None if step.less is None else str(step.less),
    }


def _place(one: Place) -> dict[str, Any]:
    return {
        "member": one.member,
        "wanted": text(one.wanted),
        "got": text(one.got),
        "out": text(one.out),
        "landed": None if one.landed is None else text(one.landed),
        "why": one.why.to_json(),
    }


def text(number: Decimal) -> str:
    """Return a number in plain digits, without the zeros that say nothing."""
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
