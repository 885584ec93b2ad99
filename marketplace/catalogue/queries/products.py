"""Products, by every name they have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from marketplace.catalogue import models
from marketplace.catalogue.queries.slices import slices
from marketplace.catalogue.states import ProductState
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import NotFound


@dataclass(frozen=True)
class ProductView:
    """A product as other apps see it; quantities are in `unit`, packs hold `pack_size` of it."""

    id: int
    ref: str
    code: str
    name_en: str
    name_zh: str
    unit: str
    pack_size: Decimal
    tax_rate_percent: Decimal
    weight_kg: Decimal | None
    category_code: str
    state: str


def product(ref: str) -> ProductView:
    """Return the product named `ref`, or the one that was kept where it was merged.

    :raises NotFound: there is none.
    """
    found = _with_kept().filter(ref=ref).first()
    if found is None:
        raise NotFound(what="product", ref=ref)
    return _view(found.merged_into or found)


def current_ref(ref: str) -> str:
    """Return the ref of the product that answers for the one named `ref`; an unknown ref stays as it is."""
    found = models.Product.objects.filter(ref=ref).values_list("merged_into__ref", flat=True).first()
    return found or ref


def products_by_id(ids: Iterable[int]) -> dict[int, ProductView]:
    """Return the products with these row ids, each as it is itself, merged or not (`kept` tells which was kept)."""
    return {row.pk: _view(row) for some in slices(ids) for row in _rows().filter(id__in=some)}


def products_by_code(codes: Iterable[str]) -> dict[str, ProductView]:
    """Return the products with these codes; the code of a merged one leads to the one that was kept."""
    found = (row for some in slices(codes) for row in _with_kept().filter(code__in=some))
    return {row.code: _view(row.merged_into or row) for row in found}


def ids_by_code(codes: Iterable[str]) -> dict[str, int]:
    """Return the row ids of those of `codes` that exist.

    The code of a merged product leads to the one that was kept, unless that is counted in another unit.
    """
    found: dict[str, int] = {}
    for some in slices(codes):
        rows = models.Product.objects.filter(code__in=some).values_list("code", "id", "merged_into_id", "merge_ratio")
        found.update({code: into if into and ratio == 1 else pk for code, pk, into, ratio in rows})
    return found


def search(text: str, limit: int) -> list[ProductView]:
    """Return products in use whose code or name holds `text`, by code."""
    named = Q(code__icontains=text) | Q(name_en__icontains=text) | Q(name_zh__icontains=text)
    rows = _rows().filter(named, state=ProductState.REVIEWED.value)
    return [_view(row) for row in rows.order_by("code")[:limit]]


def products_for(actor: Actor) -> QuerySet[models.Product]:
    """Return the products the actor may look at: those in use; staff see drafts and retired ones too."""
    rows = _with_kept()
    return rows if actor.staff else rows.filter(state=ProductState.REVIEWED.value)


def identifiers_of(product_ref: str) -> list[tuple[str, str]]:
    """Return the (scheme, value) pairs by which a product is known, those of what was merged into it among them."""
    of_it = Q(product__ref=product_ref) | Q(product__merged_into__ref=product_ref)
    rows = models.Identifier.objects.filter(of_it).order_by("scheme", "value")
    return list(rows.values_list("scheme", "value"))


def resolve(scheme: str, value: str) -> ProductView:
    """Return the product that an identifier names, or the one that was kept where it was merged.

    :raises NotFound: nobody knows it.
    """
    found = models.Identifier.objects.filter(scheme=scheme, value=value).values_list("product__ref", flat=True).first()
    if found is None:
        raise NotFound(what=scheme, ref=value)
    return product(found)


def _rows() -> QuerySet[models.Product]:
    return models.Product.objects.select_related("category")


def _with_kept() -> QuerySet[models.Product]:
    return models.Product.objects.select_related("category", "merged_into__category")


def _view(row: models.Product) -> ProductView:
    return ProductView(
        row.pk,
        row.ref,
        row.code,
        row.name_en,
        row.name_zh,
        row.unit,
        row.pack_size,
        row.tax_rate_percent,
        row.weight_kg,
        row.category.code,
        row.state,
    )
