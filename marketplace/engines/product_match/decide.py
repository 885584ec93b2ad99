"""Product match as a command: a catalogue and lines in words go in, products with confidence and reasons come out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from marketplace.engines.product_match.catalogue import Candidate, Entry, Finder, Suggestion
from marketplace.engines.product_match.records import Pair, Record
from marketplace.kernel.refusals import BadValue


def decide(problem: bytes) -> dict[str, Any]:
    """Match the lines of a problem (docs/algorithms/product_match.schema.json) with its catalogue.

    :raises BadValue: the document makes no sense; facts name the place.
    """
    given = _read(problem)
    codes = [str(_need(entry, "code", f"catalogue[{n}]")) for n, entry in enumerate(given["catalogue"])]
    if len(set(codes)) < len(codes):
        raise BadValue(place="catalogue", value=len(codes), reason="a code stands twice")
    entries = [_entry(entry, n) for n, entry in enumerate(given["catalogue"])]
    lines = [Record(f"line:{n}", _text(line, f"lines[{n}]")) for n, line in enumerate(given["lines"])]
    seed = given.get("seed", 1)
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**31:
        raise BadValue(place="seed", value=seed, reason="a whole number from 0 to 2147483647")
    finder = Finder(entries, seed=seed, labelled=_labelled(given, codes, entries))
    found = finder.find(lines)
    return {
        "engine": "product_match",
        "seed": seed,
        "input_sha256": hashlib.sha256(problem).hexdigest(),
        "lines": [
            {"id": line.get("id", n), "text": line["text"], **_told(suggestion, codes)}
            for n, (line, suggestion) in enumerate(zip(given["lines"], found, strict=True))
        ],
    }


def _read(problem: bytes) -> dict[str, Any]:
    try:
        given = json.loads(problem)
    except ValueError as error:
        raise BadValue(place="problem", value=len(problem), reason=f"no JSON: {error}") from None
    if not isinstance(given, dict):
        raise BadValue(place="problem", value=type(given).__name__, reason="must be an object")
    for name in ("catalogue", "lines"):
        rows = given.get(name)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadValue(place=name, value=type(rows).__name__, reason="must be a list of objects")
    return given


def _need(row: Mapping[str, Any], name: str, place: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadValue(place=f"{place}.{name}", value=value, reason="must be text")
    return value


def _text(row: Mapping[str, Any], place: str) -> str:
    return _need(row, "text", place)


def _entry(row: Mapping[str, Any], n: int) -> Entry:
    names = " / ".join(name for name in (_need(row, "name", f"catalogue[{n}]"), str(row.get("name_zh") or "")) if name)
    values, definitions = row.get("attributes", {}), row.get("definitions", [])
    if not isinstance(values, dict) or not isinstance(definitions, list):
        raise BadValue(place=f"catalogue[{n}].attributes", value=str(values), reason="must be an object")
    for given in definitions:
        if not isinstance(given, dict) or not given.get("name") or not given.get("type"):
            raise BadValue(place=f"catalogue[{n}].definitions", value=str(given), reason="needs a name and a type")
    record = Record(
        key=row["code"],
        title=names,
        text=f"{row['code']} {row.get('text') or ''}",
        brand=str(row.get("brand") or ""),
        attributes=tuple((str(name), str(value)) for name, value in sorted(values.items())),
    )
    return Entry(record, values, definitions)


def _labelled(given: Mapping[str, Any], codes: list[str], entries: list[Entry]) -> list[tuple[Pair, int]]:
    rows = {code: n for n, code in enumerate(codes)}
    found: list[tuple[Pair, int]] = []
    for n, label in enumerate(given.get("labels", [])):
        if not isinstance(label, dict) or label.get("code") not in rows:
            raise BadValue(place=f"labels[{n}].code", value=str(label), reason="no product of the catalogue")
        pair = (Record(f"label:{n}", _text(label, f"labels[{n}]")), entries[rows[label["code"]]].record)
        found.append((pair, int(bool(label.get("same", True)))))
    return found


def _told(suggestion: Suggestion, codes: list[str]) -> dict[str, Any]:
    first = suggestion.candidates[0] if suggestion.candidates else None
    return {
        "decision": suggestion.band,
        "product": codes[first.row] if first and suggestion.band == "automatic" else None,
        "confidence": first.confidence if first else 0.0,
        "reasons": [reason.to_json() for reason in first.reasons] if first else [],
        "candidates": [_candidate(candidate, codes) for candidate in suggestion.candidates],
    }


def _candidate(candidate: Candidate, codes: list[str]) -> dict[str, Any]:
    return {
        "product": codes[candidate.row],
        "confidence": candidate.confidence,
        "contradicted": candidate.contradicted,
        "reasons": [reason.to_json() for reason in candidate.reasons],
    }
