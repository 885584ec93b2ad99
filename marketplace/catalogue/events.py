"""What happened to the catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProductRegistered:
    product_ref: str
    code: str


@dataclass(frozen=True)
class ProductReviewed:
    product_ref: str


@dataclass(frozen=True)
class PriceListPublished:
    product_ref: str
    supplier_ref: str
    tiers: int


@dataclass(frozen=True)
class StandingRuleChanged:
    category_code: str
    revision: int
    changed: list[str]


@dataclass(frozen=True)
class ProposalMade:
    proposal_ref: str
    subject: str
    base_version: int


@dataclass(frozen=True)
class SubstituteAgreed:
    substitute_ref: str
    product_ref: str
    replacement_ref: str
    ratio: str


@dataclass(frozen=True)
class SubstituteWithdrawn:
    substitute_ref: str


@dataclass(frozen=True)
class ProductVersionPublished:
    product_ref: str
    version: int
    changed: list[str]


@dataclass(frozen=True)
class DefinitionsPublished:
    category_code: str
    version: int
    products_changed: int


@dataclass(frozen=True)
class ProductsMerged:
    kept_ref: str
    merged_ref: str


@dataclass(frozen=True)
class ProductSplit:
    product_ref: str
    kept_ref: str
