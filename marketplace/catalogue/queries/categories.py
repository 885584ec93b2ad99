"""The tree, and the rule by which the pools of each branch run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from marketplace.catalogue import models
from marketplace.catalogue.queries.slices import slices
from marketplace.kernel.refusals import NotFound


@dataclass(frozen=True)
class PoolRule:
    """How pools of a product run, by its category's standing rule (`models.Category` says what each part means).

    Percentages are of the goods' value, `withdrawal_percent` of the deposit; quantities are in the product's base unit.
    """

    deposit_percent: Decimal
    fee_percent: Decimal
    allocation_rule: str
    window: str
    region_scope: str
    pack_size: Decimal
    minimum: Decimal = Decimal(0)
    fallbacks: tuple[str, ...] = ("release",)
    extend_days: int = 7
    filling_days: int = 0
    withdrawal_percent: Decimal = Decimal(100)
    opens_pools: bool = True
    smaller_pack: Decimal | None = None
    sample_fee_percent: Decimal = Decimal(0)


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
    return {
        row.pk: _rule(row)
        for some in slices(product_ids)
        for row in models.Product.objects.select_related("category").filter(id__in=some)
    }


def rule_changes(category_code: str) -> QuerySet[models.StandingRuleChange]:
    """Return every change of a category's standing rule, oldest first."""
    return models.StandingRuleChange.objects.filter(category__code=category_code).order_by("revision")


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


def _rule(row: models.Product) -> PoolRule:
    rule = row.category
    return PoolRule(
        rule.deposit_percent,
        rule.fee_percent,
        rule.allocation_rule,
        rule.window,
        rule.region_scope,
        row.pack_size,
        minimum=rule.minimum,
        fallbacks=tuple(rule.fallbacks),
        extend_days=rule.extend_days,
        filling_days=rule.filling_days,
        withdrawal_percent=rule.withdrawal_percent,
        opens_pools=rule.opens_pools,
        smaller_pack=rule.smaller_pack,
        sample_fee_percent=rule.sample_fee_percent,
    )
