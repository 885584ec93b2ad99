"""What a release is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from procurement.contracts.rules.published import PublicOrder
from procurement.insights.rules.open_data.steps import Step
from procurement.tenders.rules.published import PublicTender


@dataclass(frozen=True)
class Party:
    """An organisation as the register knows it."""

    ref: str
    name: str
    country: str
    region: str

    @property
    def reference(self) -> dict[str, str]:
        """How other parts of a release name the party."""
        return {"id": self.ref, "name": self.name}


@dataclass(frozen=True)
class Known:
    """What is known around a tender: who buys, who won, and the codes of its products by id."""

    buyer: Party
    parties: Mapping[str, Party]
    products: Mapping[int, tuple[str, str]]  # code of the product, code of its category

    def product(self, product_id: int | None) -> tuple[str, str] | None:
        """Return the codes of a product and its category, None where it is none of the catalogue."""
        return self.products.get(product_id) if product_id is not None else None


@dataclass(frozen=True)
class Source:
    """One fact to publish: what happened when, to which tender, and to which order if to one."""

    step: Step
    at: datetime
    tender: PublicTender
    order: PublicOrder | None = None
    why: str = ""
    change_ref: str = ""
