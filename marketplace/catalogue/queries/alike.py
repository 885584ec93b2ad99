"""Which products are one: merged into another, equal in what must match, or agreed substitutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Min, Q

from marketplace.catalogue import models
from marketplace.catalogue.queries.slices import slices
from marketplace.catalogue.states import ProductState, SubstituteState


@dataclass(frozen=True)
class Kept:
    """The product that answers for one asked about: itself, or the one it was merged into.

    ratio    how many base units of that product one base unit of the asked one is
    """

    product_id: int
    ratio: Decimal


@dataclass(frozen=True)
class SubstituteView:
    """A product that may replace another, as agreed.

    product_id, ref, code, unit, name_en, name_zh    of the replacement
    ratio                                            how many of its base units stand for one of the product asked about
    conditions                                       under which it may, in words
    substitute_ref, version                          of the agreement
    """

    product_id: int
    ref: str
    ratio: Decimal
    conditions: str
    code: str
    unit: str
    name_en: str
    name_zh: str
    substitute_ref: str
    version: int


def kept(product_ids: Iterable[int]) -> dict[int, Kept]:
    """Return which product answers for each of these row ids, and in which proportion; unknown ids are left out."""
    found = {}
    for some in slices(product_ids):
        rows = models.Product.objects.filter(id__in=some).values_list("id", "merged_into_id", "merge_ratio")
        found.update({pk: Kept(into or pk, ratio or Decimal(1)) for pk, into, ratio in rows})
    return found


def canonical_ids(product_ids: Iterable[int]) -> dict[int, int]:
    """Return the row id of the product that answers for each: itself, or the one it was merged into.

    A merged product counted in another unit answers by another number too: `kept` tells the ratio.
    """
    return {asked: answer.product_id for asked, answer in kept(product_ids).items()}


def pooled_as(product_ids: Iterable[int]) -> dict[int, int]:
    """Return, for each row id, the product whose pool gathers it, in two queries for each 5,000 ids.

    Products of one category, counted in one base unit, that have every must-match attribute of the category with equal
    values (`rules.match_key`) are gathered as one: the one in use with the lowest row id. A merged product is first
    the one it was merged into, unless it is counted in another unit. Whatever lacks a value stands for itself.
    """
    own: dict[int, int] = {}
    keys: dict[int, str] = {}
    for some in slices(product_ids):
        rows = models.Product.objects.filter(id__in=some)
        names = ("id", "match_key", "merge_ratio", "merged_into_id", "merged_into__match_key")
        for pk, key, ratio, into, their_key in rows.values_list(*names):
            own[pk] = into if ratio == 1 else pk
            keys[pk] = key if into is None else their_key if ratio == 1 else ""
    first = _lowest(keys.values())
    return {pk: first.get(keys[pk], stands) for pk, stands in own.items()}


def substitutes_of(product_id: int) -> list[SubstituteView]:
    """Return what may replace a product now, in the order it was agreed; what is out of use is left out."""
    return substitutes_of_many([product_id]).get(product_id, [])


def substitutes_of_many(product_ids: Iterable[int]) -> dict[int, list[SubstituteView]]:
    """Return what may replace each of these products now, where there is anything.

    What was agreed for a merged product, or of one, holds for the product that was kept, unless that has terms of its
    own.
    """
    asked = kept(product_ids)
    agreed: dict[int, dict[int, models.Substitute]] = defaultdict(dict)
    for some in slices(answer.product_id for answer in asked.values()):
        of_these = Q(product_id__in=some) | Q(product__merged_into_id__in=some)
        rows = models.Substitute.objects.filter(of_these, state=SubstituteState.REVIEWED.value).order_by("id")
        for row in sorted(rows.select_related("product", "replacement__merged_into"), key=_through):
            root, target = row.product.merged_into_id or row.product_id, _root(row.replacement)
            if target.pk != root and target.state == ProductState.REVIEWED.value:
                agreed[root].setdefault(target.pk, row)
    return {
        pk: [_substitute(row, answer.ratio) for row in agreed[answer.product_id].values()]
        for pk, answer in asked.items()
        if answer.product_id in agreed
    }


def _lowest(keys: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in slices(key for key in keys if key):
        rows = models.Product.objects.filter(match_key__in=some, state=ProductState.REVIEWED.value)
        found.update(rows.values_list("match_key").annotate(Min("id")).order_by())
    return found


def _through(row: models.Substitute) -> int:
    return sum(side.merged_into_id is not None for side in (row.product, row.replacement))


def _root(row: models.Product) -> models.Product:
    return row.merged_into or row


def _substitute(row: models.Substitute, asked_ratio: Decimal) -> SubstituteView:
    target = _root(row.replacement)
    return SubstituteView(
        product_id=target.pk,
        ref=target.ref,
        ratio=row.ratio * asked_ratio,
        conditions=row.conditions,
        code=target.code,
        unit=target.unit,
        name_en=target.name_en,
        name_zh=target.name_zh,
        substitute_ref=row.ref,
        version=row.version,
    )
