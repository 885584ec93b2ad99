"""Everything anyone may ask about what is traded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q, QuerySet

from marketplace.catalogue import models
from marketplace.catalogue.rules import best_of
from marketplace.catalogue.states import ProductState
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import NotFound

BATCH = 5_000
T = TypeVar("T")


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


@dataclass(frozen=True)
class PoolRule:
    """How pools of a product run, by its category's standing rule; percentages of the goods' value."""

    deposit_percent: Decimal
    fee_percent: Decimal
    allocation_rule: str
    window: str
    region_scope: str
    pack_size: Decimal


def product(ref: str) -> ProductView:
    """Return the product named `ref`.

    :raises NotFound: there is none.
    """
    found = _rows().filter(ref=ref).first()
    if found is None:
        raise NotFound(what="product", ref=ref)
    return _view(found)


def products_by_id(ids: Iterable[int]) -> dict[int, ProductView]:
    """Return the products with these row ids."""
    return {row.pk: _view(row) for some in _slices(ids) for row in _rows().filter(id__in=some)}


def products_by_code(codes: Iterable[str]) -> dict[str, ProductView]:
    """Return the products with these codes."""
    return {row.code: _view(row) for some in _slices(codes) for row in _rows().filter(code__in=some)}


def ids_by_code(codes: Iterable[str]) -> dict[str, int]:
    """Return the row ids of those of `codes` that exist."""
    found: dict[str, int] = {}
    for some in _slices(codes):
        found.update(models.Product.objects.filter(code__in=some).values_list("code", "id"))
    return found


def search(text: str, limit: int) -> list[ProductView]:
    """Return products in use whose code or name holds `text`, by code."""
    named = Q(code__icontains=text) | Q(name_en__icontains=text) | Q(name_zh__icontains=text)
    rows = _rows().filter(named, state=ProductState.REVIEWED.value)
    return [_view(row) for row in rows.order_by("code")[:limit]]


def rule_for(product_id: int) -> PoolRule:
    """Return how pools of this product run.

    :raises NotFound: there is no such product.
    """
    found = rules_for([product_id])
    if product_id not in found:
        raise NotFound(what="product", ref=str(product_id))
    return found[product_id]


def rules_for(product_ids: Iterable[int]) -> dict[int, PoolRule]:
    """Return the pool rules of many products by row id."""
    return {row.pk: _rule(row) for some in _slices(product_ids) for row in _rows().filter(id__in=some)}


def price_list(product_id: int, currency: str = "CNY") -> list[tuple[Decimal, Rate]]:
    """Return the published price steps of a product: (from quantity, unit price), by rising quantity.

    The platform's own list when there is one, else the best of the suppliers' lists at each quantity; empty when nobody
    has published.
    """
    return price_lists([product_id]).get((product_id, currency), [])


def price_lists(product_ids: Iterable[int]) -> dict[tuple[int, str], list[tuple[Decimal, Rate]]]:
    """Return the published price steps of many products by (row id, currency), where there are any."""
    lists: dict[tuple[int, str], dict[int | None, list[tuple[Decimal, Decimal]]]] = defaultdict(dict)
    for some in _slices(product_ids):
        rows = models.PriceListTier.objects.filter(product_id__in=some, superseded_at__isnull=True)
        for tier in rows.order_by("from_quantity"):
            steps = lists[tier.product_id, tier.currency].setdefault(tier.supplier_id, [])
            steps.append((tier.from_quantity, tier.unit_price))
    return {
        (product_id, currency): [
            (start, Rate(price, currency)) for start, price in best_of([own[None]] if None in own else [*own.values()])
        ]
        for (product_id, currency), own in lists.items()
    }


def products_for(actor: Actor) -> QuerySet[models.Product]:
    """Return the products the actor may look at: those in use; staff see drafts and retired ones too."""
    rows = _rows()
    return rows if actor.staff else rows.filter(state=ProductState.REVIEWED.value)


def categories() -> QuerySet[models.Category]:
    """Return the whole tree."""
    return models.Category.objects.select_related("parent").order_by("code")


def category_ids(codes: Iterable[str]) -> dict[str, int]:
    """Return the row ids of those of `codes` that are categories, for foreign keys."""
    return dict(models.Category.objects.filter(code__in=list(codes)).values_list("code", "id"))


def category_id_of(product_id: int) -> int:
    """Return the row id of a product's category."""
    return models.Product.objects.values_list("category_id", flat=True).get(pk=product_id)


def ids_beside(product_id: int) -> list[int]:
    """Return the row ids of the products in the same category, the product's own among them, lowest first."""
    category = models.Product.objects.filter(pk=product_id).values("category_id")
    return list(models.Product.objects.filter(category_id__in=category).order_by("pk").values_list("pk", flat=True))


def identifiers_of(product_ref: str) -> list[tuple[str, str]]:
    """Return the (scheme, value) pairs by which a product is known."""
    rows = models.Identifier.objects.filter(product__ref=product_ref).order_by("scheme", "value")
    return list(rows.values_list("scheme", "value"))


def resolve(scheme: str, value: str) -> ProductView:
    """Return the product that an identifier names.

    :raises NotFound: nobody knows it.
    """
    found = models.Identifier.objects.filter(scheme=scheme, value=value).values_list("product__ref", flat=True).first()
    if found is None:
        raise NotFound(what=scheme, ref=value)
    return product(found)


def _rows() -> QuerySet[models.Product]:
    return models.Product.objects.select_related("category")


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


def _rule(row: models.Product) -> PoolRule:
    rule = row.category
    return PoolRule(
        rule.deposit_percent,
        rule.fee_percent,
        rule.allocation_rule,
        rule.window,
        rule.region_scope,
        row.pack_size,
    )


def _slices(things: Iterable[T]) -> Iterator[list[T]]:
    every = list(dict.fromkeys(things))
    for start in range(0, len(every), BATCH):
        yield every[start : start + BATCH]
