"""What has been published: releases, processes, records. Anybody may ask for all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from marketplace.kernel.refusals import NotFound
from marketplace.parties import queries as parties
from procurement.insights import models
from procurement.insights.rules.open_data import Publisher, record_package, release_package

POLICY = "/open-data/#policy"


def publisher() -> Publisher:
    """Return who publishes here, and under which license."""
    site = settings.PUBLIC_URL.rstrip("/")
    name = parties.organisation(parties.PLATFORM).legal_name
    return Publisher(name=name, site=site, license=settings.OCDS_LICENSE, policy=f"{site}{POLICY}")


def releases(ocid: str = "") -> QuerySet[models.Release]:
    """Return all releases, newest first; those of one process where `ocid` names it."""
    rows = models.Release.objects.order_by("-id")
    return rows.filter(ocid=ocid) if ocid else rows


def news() -> QuerySet[models.Release]:
    """Return the releases by which a tender was published or decided, newest first."""
    return releases().exclude(kind="").defer("document")


def processes() -> QuerySet[models.Release]:
    """Return the last release of each process, without its document."""
    later = models.Release.objects.filter(ocid=OuterRef("ocid"), number__gt=OuterRef("number"))
    return models.Release.objects.filter(~Exists(later)).defer("document")


def open_processes(at: datetime) -> QuerySet[models.Release]:
    """Return the processes that take bids at `at`, whichever closes first first."""
    return processes().filter(tender_status="active", bids_until__gt=at).order_by("bids_until", "id")


def awards_published() -> QuerySet[models.Release]:
    """Return the releases by which awards were decided, newest first."""
    return releases().filter(kind="award", tags__0="award").defer("document")


def package(rows: list[models.Release], *, uri: str, at: datetime, links: dict[str, str]) -> str:
    """Return these releases as a package."""
    return release_package(publisher(), [row.document for row in rows], uri=uri, at=at, links=links)


def record(ocid: str, *, uri: str) -> str:
    """Return the record of one process as a package, dated by its last release.

    :raises NotFound: nothing of it is published.
    """
    rows = list(models.Release.objects.filter(ocid=ocid).order_by("at", "fact"))
    if not rows:
        raise NotFound(what="record", ref=ocid)
    return record_package(publisher(), [row.document for row in rows], uri=uri, at=max(r.published_at for r in rows))


def lines() -> Iterator[str]:
    """Return every release as one line of JSON, oldest first."""
    for document in models.Release.objects.order_by("id").values_list("document", flat=True).iterator(chunk_size=200):
        yield f"{document}\n"


def verify_releases() -> list[str]:
    """Return which releases are not the ones that were published: another text, or a gap in a process."""
    wrong, last = [], ("", 0, "")
    for row in models.Release.objects.order_by("ocid", "number").iterator(chunk_size=200):
        before = last if last[0] == row.ocid else (row.ocid, 0, "")
        if hashlib.sha256(row.document.encode()).hexdigest() != row.sha256:
            wrong.append(f"{row.release_id}: its text is not the one that was published")
        if (row.number, row.previous_sha256) != (before[1] + 1, before[2]):
            wrong.append(f"{row.release_id}: does not follow number {before[1]}")
        last = (row.ocid, row.number, row.sha256)
    return wrong
