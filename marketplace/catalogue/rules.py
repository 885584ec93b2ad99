"""Small judgements on what is traded."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marketplace.engines.units import UNITS, UnknownUnit, parse_unit

WINDOWS = ("month", "week")
REGION_SCOPES = ("each", "all")
ALLOCATION_RULES = ("first_come", "pro_rata", "max_min", "smallest_first", "priority")
# What is tried, in the order a category names, when a pool misses its minimum; nothing comes after a release
FALLBACKS = ("extend", "merge", "substitute", "smaller_pack", "release")
MOST_DAYS = 366
ATTRIBUTE_TYPES = ("text", "number", "choice", "flag")
MEASURE = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?)\s*(.*)")
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
        elif kind == "choice" and not _texts(given.get("choices")):
            wrong.append(f"{name}: a choice needs choices")
        wrong += [f"{name}: {flag} is yes or no" for flag in ("required", "must_match") if not _flag(given, flag)]
    return wrong


def effective(chain: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return the definitions that hold in a category: its ancestors' and its own, the nearer one where a name repeats.

    chain    what each of them defines itself, the root first, the category last
    """
    found: dict[str, dict[str, Any]] = {}
    for own in chain:
        found |= {str(given["name"]): dict(given) for given in own}
    return list(found.values())


def wrong_attributes(definitions: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a product's attribute values under its category's definitions."""
    return [f"{name}: {reason}" for name, reason in faults(definitions, values).items()]


def faults(definitions: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes that do not fit their definitions, and why: {name: reason}."""
    known = {str(given["name"]): given for given in definitions}
    wrong = {name: "unknown here" for name in values if name not in known}
    for name, given in known.items():
        value = values.get(name)
        if value in (None, ""):
            if given.get("required"):
                wrong[name] = "needed"
        elif not _fits(given, value):
            wrong[name] = f"{value} is no {given['type']} of this category"
    return wrong


def refitted(
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    values: Mapping[str, Any],
    told: Mapping[str, Any],
    fill: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a product's values under new definitions, and what still does not fit: {name: reason}.

    old, new  the definitions that hold and those that would
    values    as they stand
    told      which this product is to take, whatever it has; None takes the value away
    fill      which any product is to take where its own does not fit; None takes it away

    A bare number does not fit when the unit of its definition changes: nobody has said in which unit it is meant.
    """
    after = _with(values, told)
    bare = {name: reason for name, reason in _bare(old, new, after).items() if name not in told}
    after = _with(after, {name: fill[name] for name in {**faults(new, after), **bare} if name in fill})
    left = {name: reason for name, reason in bare.items() if name not in fill}
    return after, {**left, **faults(new, after)}


def in_unit(start: Decimal, price: Decimal, ratio: Decimal) -> tuple[Decimal, Decimal] | None:
    """Return a price step in another unit, (from quantity, unit price), or None where six places cannot hold it.

    ratio   how many of the other unit one of the step's own is
    """
    found = [Fraction(start) * Fraction(ratio) * 10**6, Fraction(price) / Fraction(ratio) * 10**6]
    if any(part.denominator != 1 or abs(part) >= 2**63 for part in found):
        return None
    return Decimal(found[0].numerator).scaleb(-6), Decimal(found[1].numerator).scaleb(-6)


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


def comparable(definition: Mapping[str, Any], value: Any) -> str | bool | None:
    """Return an attribute's value as two values are compared, or None where there is none that fits.

    Numbers are exact and in the definition's unit (`30`, `30.0`, `3 cm` where it says mm); texts and choices are NFKC
    and case folded, white space as one space.
    """
    if not _fits(definition, value):
        return None
    if definition["type"] == "flag":
        return bool(value)
    if definition["type"] == "number":
        return str(number_of(definition, value))
    return folded(value) or None


def match_key(category_id: int, unit: str, definitions: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> str:
    """Return what products share that are one to whoever needs them, or nothing where a product stands for itself.

    Two have the same key if and only if they are of one category, counted in one base unit, and have each must-match
    attribute of the category, with equal values (`comparable`). It is empty where a value is missing or the category
    has no such attribute.
    """
    asked = sorted((str(given["name"]), given) for given in definitions if given.get("must_match"))
    told = [(name, given["type"], comparable(given, values.get(name))) for name, given in asked]
    if not told or any(value is None for _, _, value in told):
        return ""
    text = json.dumps([category_id, unit, told], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def odds(
    definitions: Sequence[Mapping[str, Any]], one: Mapping[str, Any], other: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """Return the must-match attributes that both products have and in which they differ: {name: [one's, other's]}."""
    differ = {}
    for given in definitions:
        name = str(given["name"])
        mine, theirs = comparable(given, one.get(name)), comparable(given, other.get(name))
        if given.get("must_match") and mine is not None and theirs is not None and mine != theirs:
            differ[name] = [one[name], other[name]]
    return differ


def number_of(definition: Mapping[str, Any], value: Any) -> Fraction | None:
    """Return a number in the definition's unit, exactly; None where it is none or its unit leads nowhere.

    value    `30`, `"30.0"`, or with a unit of its own where the definition has one: `"3 cm"`
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    found = MEASURE.fullmatch(unicodedata.normalize("NFKC", str(value)).strip())
    if found is None or len(found[1]) > 60:
        return None
    number, spelled = Fraction(found[1]), found[2]
    return number if not spelled else _converted(number, spelled, str(definition.get("unit") or ""))


def plain(value: Any) -> Any:
    """Return a value as JSON keeps it: a decimal as text, without zeros that say nothing."""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


def folded(text: str) -> str:
    """Return a text as two are compared: NFKC, case folded, white space as one space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _converted(number: Fraction, spelled: str, to: str) -> Fraction | None:
    if to and folded(spelled) == folded(to):
        return number
    try:
        source, target = UNITS[parse_unit(spelled)], UNITS[parse_unit(to)]
    except UnknownUnit:
        return None
    return number * source.factor / target.factor if source.kind == target.kind else None


def _with(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


def _bare(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], values: Mapping[str, Any]
) -> dict[str, str]:
    before = {str(given["name"]): str(given.get("unit") or "") for given in old if given["type"] == "number"}
    wrong = {}
    for given in new:
        name, unit = str(given["name"]), str(given.get("unit") or "")
        moved = given["type"] == "number" and name in before and folded(before[name]) != folded(unit)
        if moved and name in values and number_of({}, values[name]) is not None:
            wrong[name] = f"the unit changes from {before[name]} to {unit}"
    return wrong


def _texts(choices: Any) -> bool:
    return isinstance(choices, list | tuple) and bool(choices) and all(isinstance(c, str) and c for c in choices)


def _flag(given: Mapping[str, Any], name: str) -> bool:
    return isinstance(given.get(name, False), bool)


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if not name or names.count(name) > 1})


def _fits(given: Mapping[str, Any], value: Any) -> bool:
    kind = given["type"]
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "choice":
        return value in given["choices"]
    if kind == "number":
        return number_of(given, value) is not None
    return isinstance(value, str)
