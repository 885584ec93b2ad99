"""Everything anyone may do to the catalogue."""

from marketplace.catalogue.use_cases.bulk import NewProduct, register_many
from marketplace.catalogue.use_cases.categories import CodeTaken, WrongAttributes, register_category
from marketplace.catalogue.use_cases.definitions import DefinitionConflicts, propose_definitions
from marketplace.catalogue.use_cases.governed import NothingChanges, SameEyes, StaleVersion
from marketplace.catalogue.use_cases.loading import NotInUse
from marketplace.catalogue.use_cases.merging import (
    MergeCircle,
    NoExactConversion,
    OddAttributes,
    merge_products,
    split_product,
)
from marketplace.catalogue.use_cases.prices import Tier, publish_price_list
from marketplace.catalogue.use_cases.product_versions import propose_version
from marketplace.catalogue.use_cases.products import (
    IdentifierTaken,
    add_identifier,
    register_product,
    restore_product,
    retire_product,
    review_product,
)
from marketplace.catalogue.use_cases.proposals import (
    propose_draft,
    publish_proposal,
    send_back_proposal,
    withdraw_proposal,
)
from marketplace.catalogue.use_cases.standing_rule import set_standing_rule
from marketplace.catalogue.use_cases.substitutes import propose_substitute, withdraw_substitute

__all__ = [
    "CodeTaken",
    "DefinitionConflicts",
    "IdentifierTaken",
    "MergeCircle",
    "NewProduct",
    "NoExactConversion",
    "NotInUse",
    "NothingChanges",
    "OddAttributes",
    "SameEyes",
    "StaleVersion",
    "Tier",
    "WrongAttributes",
    "add_identifier",
    "merge_products",
    "propose_definitions",
    "propose_draft",
    "propose_substitute",
    "propose_version",
    "publish_price_list",
    "publish_proposal",
    "register_category",
    "register_many",
    "register_product",
    "restore_product",
    "retire_product",
    "review_product",
    "send_back_proposal",
    "set_standing_rule",
    "split_product",
    "withdraw_proposal",
    "withdraw_substitute",
]
