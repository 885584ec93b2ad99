"""Whether a document keeps to the official schema and codelists of the Open Contracting Data Standard 1.1.5."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

SITE = "https://standard.open-contracting.org/schema/1__1__5"
FILES = ("release-schema", "release-package-schema", "record-package-schema", "versioned-release-validation-schema")


FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uri", raises=ValueError)
def _is_address(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


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
    validator = Draft4Validator(schemas[kind], registry=registry, format_checker=FORMATS)
    verdict = Verdict([f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(package)])
    for release in _releases(package):
        _Codes(schemas["release-schema"], shared / "data/ocds/schema", verdict).walk(
            release, schemas["release-schema"], "release"
        )
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


@dataclass(frozen=True)
class _Codes:
    """Walks a document beside its schema, and checks every code it has."""

    root: Any
    folder: Path
    verdict: Verdict

    def walk(self, value: Any, schema: Any, place: str) -> None:
        while "$ref" in schema:
            schema = self.root["definitions"][schema["$ref"].rsplit("/", 1)[1]]
        if "codelist" in schema and value is not None:
            self._check(value if isinstance(value, list) else [value], schema, place)
        if isinstance(value, dict):
            known = schema.get("properties", {})
            for key in value.keys() & known.keys():
                self.walk(value[key], known[key], f"{place}.{key}")
        elif isinstance(value, list) and isinstance(schema.get("items"), dict):
            for inner in value:
                self.walk(inner, schema["items"], place)

    def _check(self, codes: list[str], schema: Any, place: str) -> None:
        name = schema["codelist"]
        for code in set(codes) - codelist(self.folder, name):
            if schema["openCodelist"]:
                self.verdict.unlisted.add((name, code))
            else:
                self.verdict.wrong.append(f"{place}: {code} is not in {name}")


def _loose(release: dict[str, Any]) -> Iterator[str]:
    """Name what points at no party, lot or award of a whole process, and ids that stand twice in a list."""
    yield from _twice(release, "release")
    parties = {party.get("id") for party in release.get("parties", ())}
    awards = release.get("awards", [])
    for award in awards:
        yield from (f"{one['id']} is no party" for one in award.get("suppliers", ()) if one["id"] not in parties)
    if "title" not in release["tender"]:
        return
    lots = {lot["id"] for lot in release["tender"]["lots"]}
    for award in awards:
        yield from (f"{ref} is no lot" for ref in award.get("relatedLots", ()) if ref not in lots)
    for contract in release.get("contracts", ()):
        if contract["awardID"] not in {award.get("id") for award in awards}:
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
