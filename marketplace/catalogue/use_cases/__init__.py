"""Everything anyone may do to the catalogue."""

from marketplace.catalogue.use_cases.bulk import NewProduct, register_many
from marketplace.catalogue.use_cases.categories import CodeTaken, WrongAttributes, register_category
from marketplace.catalogue.use_cases.prices import Tier, publish_price_list
from marketplace.catalogue.use_cases.products import (
    IdentifierTaken,
    add_identifier,
    register_product,
    restore_product,
    retire_product,
    review_product,
)
from marketplace.catalogue.use_cases.standing_rule import set_standing_rule

__all__ = [
    "CodeTaken",
    "IdentifierTaken",
    "NewProduct",
    "Tier",
    "WrongAttributes",
    "add_identifier",
    "publish_price_list",
    "register_category",
    "register_many",
    "register_product",
    "restore_product",
    "retire_product",
    "review_product",
    "set_standing_rule",
]
