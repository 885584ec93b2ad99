"""Whether a document keeps to the official schema and codelists of the Open Contracting Data Standard 1.1.5."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

SITE = "https://standard.open-contracting.org/schema/1__1__5"
FILES = ("release-schema", "release-package-schema", "record-package-schema", "versioned-release-validation-schema")


@dataclass
class Verdict:
    """What is wrong with a document, and which codes it has that an open codelist does not know."""

    wrong: list[str] = field(default_factory=list)
    unlisted: set[tuple[str, str]] = field(default_factory=set)


def check(shared: Path, package: dict[str, Any]) -> Verdict:
    """Check a package of releases or of records against schema and codelists."""
    schemas = _schemas(shared / "data/ocds/schema")
    kind = "record-package-schema" if "records" in package else "release-package-schema"
    registry: Registry[Any] = Registry().with_resources(
        (f"{SITE}/{name}.json", Resource(schema, DRAFT4)) for name, schema in schemas.items()
    )
    validator = Draft4Validator(schemas[kind], registry=registry, format_checker=FormatChecker())
    verdict = Verdict([f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(package)])
    for release in _releases(package):
        _codes(release, schemas["release-schema"], schemas["release-schema"], shared, verdict, "release")
        verdict.wrong += _loose(release)
    return verdict


def _releases(package: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from package.get("releases", ())
    for record in package.get("records", ()):
        yield from record["releases"]
        yield record["compiledRelease"]


@cache
def _schemas(folder: Path) -> dict[str, Any]:
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in FILES}


@cache
def codelist(folder: Path, name: str) -> frozenset[str]:
    """Return the codes of an official codelist."""
    with (folder / "codelists" / name).open(encoding="utf-8", newline="") as file:
        return frozenset(row["Code"] for row in csv.DictReader(file))


def _codes(value: Any, schema: Any, root: Any, shared: Path, verdict: Verdict, place: str) -> None:
    """Walk a value beside its schema, and check every code it has."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rsplit("/", 1)[1]]
    if "codelist" in schema and value is not None:
        listed = codelist(shared / "data/ocds/schema", schema["codelist"])
        for code in value if isinstance(value, list) else [value]:
            if code not in listed and schema["openCodelist"]:
                verdict.unlisted.add((schema["codelist"], code))
            elif code not in listed:
                verdict.wrong.append(f"{place}: {code} is not in {schema['codelist']}")
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in schema.get("properties", {}):
                _codes(inner, schema["properties"][key], root, shared, verdict, f"{place}.{key}")
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for inner in value:
            _codes(inner, schema["items"], root, shared, verdict, place)


def _loose(release: dict[str, Any]) -> Iterator[str]:
    """Name what points at no party, lot or award of a whole process, and ids that stand twice in a list."""
    yield from _twice(release, release["id"])
    parties = {party["id"] for party in release["parties"]}
    for award in release.get("awards", ()):
        yield from (f"{one['id']} is no party" for one in award.get("suppliers", ()) if one["id"] not in parties)
    if "title" not in release["tender"]:
        return
    lots = {lot["id"] for lot in release["tender"]["lots"]}
    for award in release.get("awards", ()):
        yield from (f"{ref} is no lot" for ref in award["relatedLots"] if ref not in lots)
    awards = {award["id"] for award in release.get("awards", ())}
    for contract in release.get("contracts", ()):
        if contract["awardID"] not in awards:
            yield f"{contract['id']} comes from no award"


def _twice(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _twice(inner, f"{place}.{key}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        ids = [one.get("id") for one in value]
        if len(set(ids)) < len(ids):
            yield f"{place}: an id stands twice"
        for inner in value:
            yield from _twice(inner, place)
