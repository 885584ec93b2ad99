"""Typed attributes of a product compared with what stands in a messy text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.engines.product_match.explain import AGAINST, FOR, Reason
from marketplace.engines.product_match.measures import MEASURES
from marketplace.engines.product_match.reading import fold, grades
from marketplace.engines.product_match.records import Reading

LENGTHS = {"length": ("length", "thread", "thread length")}  # M8x30 states lengths without saying mm


def compare_attributes(
    text: Reading, definitions: Sequence[Mapping[str, Any]], values: Mapping[str, Any]
) -> list[tuple[Reason, bool]]:
    """Return what the text says for or against each attribute, and whether the attribute must match.

    definitions   a category's: {"name", "type": text, number, choice or flag, "unit", "choices", "must_match"}
    values        the product's own, by name

    A text that says nothing of an attribute speaks neither way.
    """
    found = _numbers(text, definitions, values)
    for given in definitions:
        value = values.get(given["name"])
        if value in (None, "") or given["type"] in {"number", "flag"}:
            continue
        reason = _choice(text, given, str(value)) if given["type"] == "choice" else _text(text, given, str(value))
        if reason:
            found.append((reason, bool(given.get("must_match"))))
    return found


def _holds(text: Reading, value: str) -> bool:
    """Tell whether the value stands in the text: latin as whole words, Chinese anywhere."""
    plain = fold(value)
    return f" {plain} " in f" {text.spaced} " if plain.isascii() else plain in text.spaced


def _choice(text: Reading, given: Mapping[str, Any], value: str) -> Reason | None:
    facts = {"name": given["name"]}
    if _holds(text, value):
        return Reason("attribute", FOR, {**facts, "same": value})
    others = [str(choice) for choice in given.get("choices") or () if _holds(text, str(choice))]
    return Reason("attribute", AGAINST, {**facts, "left": others[0], "right": value}) if others else None


def _text(text: Reading, given: Mapping[str, Any], value: str) -> Reason | None:
    if _holds(text, value):
        return Reason("attribute", FOR, {"name": given["name"], "same": value})
    wanted = set(grades(fold(value)))
    if wanted and text.grades and not wanted & set(text.grades):
        return Reason("attribute", AGAINST, {"name": given["name"], "left": text.grades[0], "right": value})
    return None


def _numbers(
    text: Reading, definitions: Sequence[Mapping[str, Any]], values: Mapping[str, Any]
) -> list[tuple[Reason, bool]]:
    """Compare numbers by dimension: a number of the text that no attribute has contradicts those it does not name."""
    stated: dict[str, dict[float, str]] = defaultdict(dict)
    for amount in text.amounts:
        dimension, _, value = amount.partition("=")
        for whole, parts in LENGTHS.items():
            dimension = whole if dimension in parts else dimension
        if dimension != "size":
            stated[dimension][float(value)] = value
    ours: dict[str, list[tuple[Mapping[str, Any], float]]] = defaultdict(list)
    for given in definitions:
        unit, own = MEASURES.get(fold(str(given.get("unit", "")))), values.get(given["name"])
        if given["type"] == "number" and unit and own not in (None, ""):
            ours[unit[0]].append((given, float(str(own)) * unit[1]))
    found = []
    for dimension, attributes in ours.items():
        known = {float(f"{size:.4g}") for _, size in attributes}
        strange = sorted(other for other in stated[dimension] if other not in known)
        for given, size in attributes:
            must = bool(given.get("must_match"))
            if float(f"{size:.4g}") in stated[dimension]:
                found.append((Reason("attribute", FOR, {"name": given["name"], "same": f"{size:.4g}"}), must))
            elif strange:
                facts = {"name": given["name"], "left": f"{strange[0]:.4g}", "right": f"{size:.4g}"}
                found.append((Reason("attribute", AGAINST, facts), must))
    return found
