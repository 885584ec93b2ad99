"""Every version of what is governed, and what waits to be one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from marketplace.catalogue import models
from marketplace.catalogue.rules import plain
from marketplace.catalogue.states import SubstituteState
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import NotFound

NUMBERS = ("pack_size", "tax_rate_percent", "weight_kg")


@dataclass(frozen=True)
class VersionView:
    """How something stood from `at` on: who proposed and who reviewed it, why, and what changed.

    changes   {name: [before, after]}; empty for the first
    content   all of it
    """

    number: int
    at: datetime
    proposed_by: str
    reviewed_by: str
    why: str
    changes: Mapping[str, Any]
    content: Mapping[str, Any]


def versions_of_product(ref: str) -> list[VersionView]:
    """Return every version of a product, oldest first; the last is in force.

    :raises NotFound: there is no such product.
    """
    row = models.Product.objects.select_related("category").filter(ref=ref).first()
    if row is None:
        raise NotFound(what="product", ref=ref)
    kept = _views(models.Version.objects.filter(product=row))
    return kept or [VersionView(1, row.registered_at, row.registered_by, "", "", {}, content_of(row))]


def content_of(row: models.Product) -> dict[str, Any]:
    """Return all that is governed of a product, as JSON keeps it."""
    texts = {name: getattr(row, name) for name in ("name_en", "name_zh", "tax_code", "unit", "attributes")}
    return {**texts, "category_code": row.category.code, **{name: plain(getattr(row, name)) for name in NUMBERS}}


def versions_of_category(code: str) -> list[VersionView]:
    """Return every version of what a category defines itself, oldest first."""
    return _views(models.Version.objects.filter(category__code=code))


def versions_of_substitute(ref: str) -> list[VersionView]:
    """Return every version of an agreement that one product may be replaced by another, oldest first."""
    return _views(models.Version.objects.filter(substitute__ref=ref))


def proposals() -> QuerySet[models.Proposal]:
    """Return every proposal with what it is about."""
    return models.Proposal.objects.select_related("product", "category", "substitute")


def substitutes_for(actor: Actor) -> QuerySet[models.Substitute]:
    """Return the agreements that one product may be replaced by another that the actor may look at, with both.

    Those in force; staff see those that wait and those that ended too.
    """
    rows = models.Substitute.objects.select_related("product", "replacement")
    return rows if actor.staff else rows.filter(state=SubstituteState.REVIEWED.value)


def _views(rows: QuerySet[models.Version]) -> list[VersionView]:
    names = ("number", "at", "proposed_by", "reviewed_by", "why", "changes", "content")
    return [VersionView(*row) for row in rows.order_by("number").values_list(*names)]
