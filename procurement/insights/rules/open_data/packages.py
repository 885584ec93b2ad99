"""Packages: releases and records with who publishes them under which license."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from procurement.insights.rules.open_data.merge import compiled
from procurement.insights.rules.open_data.parts import instant
from procurement.insights.rules.open_data.writing import read, write

_EXTENSIONS = "https://raw.githubusercontent.com/open-contracting-extensions"
EXTENSIONS = tuple(
    f"{_EXTENSIONS}/{name}/v1.1.5/extension.json"
    for name in (
        "ocds_lots_extension",
        "ocds_bid_extension",
        "ocds_enquiry_extension",
    )
)
OWN_EXTENSION = "/static/ocds/extension.json"


@dataclass(frozen=True)
class Publisher:
    """Who publishes: `site` is where, without a slash at its end; `policy` and `license` are addresses."""

    name: str
    site: str
    license: str
    policy: str

    def head(self, uri: str, at: datetime) -> dict[str, Any]:
        """Return what every package begins with."""
        return {
            "uri": uri,
            "version": "1.1",
            "extensions": [*EXTENSIONS, f"{self.site}{OWN_EXTENSION}"],
            "publishedDate": instant(at),
            "publisher": {"name": self.name, "uri": self.site},
            "license": self.license,
            "publicationPolicy": self.policy,
        }


def release_package(
    publisher: Publisher, releases: Sequence[str], *, uri: str, at: datetime, links: dict[str, str]
) -> str:
    """Return a package of releases, each as it was written when it was published, byte for byte."""
    head = publisher.head(uri, at)
    if links:
        head["links"] = links
    return f'{write(head)[:-1]},"releases":[{",".join(releases)}]}}'


def record_package(publisher: Publisher, releases: Sequence[str], *, uri: str, at: datetime) -> str:
    """Return the record of one process: all its releases, and what stands now."""
    documents = [read(text) for text in releases]
    ocid = documents[-1]["ocid"]
    record = (
        f'{{"ocid":{write(ocid)},"releases":[{",".join(releases)}],"compiledRelease":{write(compiled(documents))}}}'
    )
    return f'{write(publisher.head(uri, at))[:-1]},"records":[{record}]}}'
