"""The life cycle of a product's master data."""

from __future__ import annotations

from enum import StrEnum

from marketplace.kernel.state_machine import Machine


class ProductState(StrEnum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    RETIRED = "retired"


_P = ProductState

PRODUCT = Machine(
    "product",
    {
        (_P.DRAFT, "review"): _P.REVIEWED,
        (_P.DRAFT, "retire"): _P.RETIRED,
        (_P.REVIEWED, "retire"): _P.RETIRED,
        (_P.RETIRED, "restore"): _P.DRAFT,
    },
)
