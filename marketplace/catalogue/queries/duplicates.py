"""Products that may be one: equal in what must match, or known by one identifier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Func, QuerySet, Value
from django.db.models.functions import Coalesce, Upper

from marketplace.catalogue import models
from marketplace.catalogue.states import ProductState


@dataclass(frozen=True)
class Candidates:
    """Products in use that may be one, oldest first.

    reason   "attributes": equal in every must-match attribute; "identifier": known by `value`
    """

    reason: str
    value: str
    refs: tuple[str, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]


def duplicate_candidates(limit: int = 100) -> list[Candidates]:
    """Return up to `limit` groups of products in use that may be one, in five queries at most.

    Identifiers are compared by their value in whichever scheme, in capitals and without leading zeros: a GTIN-13 is a
    GTIN-14 with one. Products that were merged count as the one that was kept.
    """
    by_key = _in_use().exclude(match_key="").values("match_key").annotate(n=Count("id"))
    keys = list(by_key.filter(n__gt=1).order_by("match_key").values_list("match_key", flat=True)[:limit])
    rows = _in_use().filter(match_key__in=keys).values_list("match_key", "ref", "code", "name_en").order_by("id")
    found = _groups("attributes", rows)
    known = _known().values("bare").annotate(n=Count("root", distinct=True)).filter(n__gt=1)
    values = list(known.order_by("bare").values_list("bare", flat=True)[:limit])
    named = _known().filter(bare__in=values).values_list("bare", "root", "product__state").order_by("root")
    return [*found, *_by_identifier(named)][:limit]


def _in_use() -> QuerySet[models.Product]:
    return models.Product.objects.filter(state=ProductState.REVIEWED.value)


def _known() -> Any:
    bare = Func(Upper("value"), Value("0"), function="LTRIM")
    root = Coalesce(F("product__merged_into_id"), F("product_id"))
    states = [ProductState.REVIEWED.value, ProductState.MERGED.value]
    return models.Identifier.objects.filter(product__state__in=states).annotate(bare=bare, root=root)


def _by_identifier(named: Iterable[tuple[str, int, str]]) -> list[Candidates]:
    pairs = list(dict.fromkeys((bare, root) for bare, root, _ in named))
    rows = _in_use().filter(id__in={root for _, root in pairs})
    told = {pk: row for pk, *row in rows.values_list("id", "ref", "code", "name_en")}
    groups = _groups("identifier", [(bare, *told[root]) for bare, root in pairs if root in told])
    return [group for group in groups if len(group.refs) > 1]


def _groups(reason: str, rows: Iterable[tuple[str, ...]]) -> list[Candidates]:
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key, *row in rows:
        found[key].append(tuple(row))
    shown = {key: "" if reason == "attributes" else key for key in found}
    return [Candidates(reason, shown[key], *zip(*group, strict=True)) for key, group in found.items()]
