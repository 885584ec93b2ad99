"""Everything anyone may ask about what is traded."""

from marketplace.catalogue.queries.alike import (
    Kept,
    SubstituteView,
    canonical_ids,
    kept,
    pooled_as,
    substitutes_of,
    substitutes_of_many,
)
from marketplace.catalogue.queries.categories import (
    PoolRule,
    categories,
    category_id_of,
    category_ids,
    rule_changes,
    rule_for,
    rules_for,
)
from marketplace.catalogue.queries.prices import price_list, price_lists
from marketplace.catalogue.queries.products import (
    ProductView,
    identifiers_of,
    ids_by_code,
    product,
    products_by_code,
    products_by_id,
    products_for,
    resolve,
    search,
)

__all__ = [
    "Kept",
    "PoolRule",
    "ProductView",
    "SubstituteView",
    "canonical_ids",
    "categories",
    "category_id_of",
    "category_ids",
    "identifiers_of",
    "ids_by_code",
    "kept",
    "pooled_as",
    "price_list",
    "price_lists",
    "product",
    "products_by_code",
    "products_by_id",
    "products_for",
    "resolve",
    "rule_changes",
    "rule_for",
    "rules_for",
    "search",
    "substitutes_of",
    "substitutes_of_many",
]
