"""Categories, products, their identifiers and prices, and how all of them are governed."""

from marketplace.catalogue.models.category import Category, StandingRuleChange, released_alone
from marketplace.catalogue.models.governed import Proposal, Substitute, Version
from marketplace.catalogue.models.price import PriceListTier
from marketplace.catalogue.models.product import Identifier, MergeStep, Product

__all__ = [
    "Category",
    "Identifier",
    "MergeStep",
    "PriceListTier",
    "Product",
    "Proposal",
    "StandingRuleChange",
    "Substitute",
    "Version",
    "released_alone",
]
