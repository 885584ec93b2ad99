"""Small judgements on what is traded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

WINDOWS = ("month", "week")
REGION_SCOPES = ("each", "all")
ALLOCATION_RULES = ("first_come", "pro_rata", "max_min", "smallest_first", "priority")
# What is tried, in the order a category names, when a pool misses its minimum; nothing comes after a release
FALLBACKS = ("extend", "merge", "substitute", "smaller_pack", "release")
MOST_DAYS = 366
ATTRIBUTE_TYPES = ("text", "number", "choice", "flag")
# Prices that fall with quantity, several lists side by side: (from quantity, unit price)
Tiers = Sequence[tuple[Decimal, Decimal]]


def wrong_definitions(definitions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with a category's attribute definitions.

    A definition is {"name", "type": one of ATTRIBUTE_TYPES} with, as wanted, "unit", "choices" (for a choice),
    "required" and "must_match" (two needs are the same only if this attribute is).
    """
    wrong = []
    names = [str(given.get("name", "")) for given in definitions]
    wrong += [f"{name or 'an attribute'}: the name is missing or given twice" for name in _repeated(names)]
    for given in definitions:
        name, kind = given.get("name"), given.get("type")
        if kind not in ATTRIBUTE_TYPES:
            wrong.append(f"{name}: {kind} is no type of attribute")
        elif kind == "choice" and not given.get("choices"):
            wrong.append(f"{name}: a choice needs choices")
    return wrong


def wrong_attributes(definitions: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a product's attribute values under its category's definitions."""
    known = {str(given["name"]): given for given in definitions}
    wrong = [f"{name}: unknown here" for name in values if name not in known]
    for name, given in known.items():
        value = values.get(name)
        if value in (None, ""):
            if given.get("required"):
                wrong.append(f"{name}: needed")
        elif not _fits(given, value):
            wrong.append(f"{name}: {value} is no {given['type']} of this category")
    return wrong


def best_of(lists: Sequence[Tiers]) -> list[tuple[Decimal, Decimal]]:
    """Return the best price at each quantity over several price lists (their lower envelope).

    lists    tiers of one product in one currency; within a list, each tier's price holds from its quantity on
    returns  tiers by rising quantity, each with a lower price than the one before it
    """
    steps: list[tuple[Decimal, Decimal]] = []
    for quantity in sorted({start for tiers in lists for start, _ in tiers}):
        reached = [max((t for t in tiers if t[0] <= quantity), default=None) for tiers in lists]
        price = min(tier[1] for tier in reached if tier is not None)
        if not steps or price < steps[-1][1]:
            steps.append((quantity, price))
    return steps


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if not name or names.count(name) > 1})


def _fits(given: Mapping[str, Any], value: Any) -> bool:
    kind = given["type"]
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "choice":
        return value in given["choices"]
    if kind == "number":
        try:
            return not isinstance(value, bool) and Decimal(str(value)).is_finite()
        except InvalidOperation:
            return False
    return isinstance(value, str)
