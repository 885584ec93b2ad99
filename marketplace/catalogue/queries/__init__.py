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
from marketplace.catalogue.queries.definitions import Conflict, conflicts_of, definitions_of
from marketplace.catalogue.queries.duplicates import Candidates, duplicate_candidates
from marketplace.catalogue.queries.prices import price_list, price_lists
from marketplace.catalogue.queries.products import (
    ProductView,
    current_ref,
    identifiers_of,
    ids_by_code,
    product,
    products_by_code,
    products_by_id,
    products_for,
    resolve,
    search,
)
from marketplace.catalogue.queries.versions import (
    VersionView,
    proposals,
    substitutes_for,
    versions_of_category,
    versions_of_product,
    versions_of_substitute,
)

__all__ = [
    "Candidates",
    "Conflict",
    "Kept",
    "PoolRule",
    "ProductView",
    "SubstituteView",
    "VersionView",
    "canonical_ids",
    "categories",
    "category_id_of",
    "category_ids",
    "conflicts_of",
    "current_ref",
    "definitions_of",
    "duplicate_candidates",
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
    "proposals",
    "resolve",
    "rule_changes",
    "rule_for",
    "rules_for",
    "search",
    "substitutes_for",
    "substitutes_of",
    "substitutes_of_many",
    "versions_of_category",
    "versions_of_product",
    "versions_of_substitute",
]
