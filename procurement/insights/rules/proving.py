"""What a saving is, and what proves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from marketplace.kernel.money import Money, Rate


class Baseline(StrEnum):
    """What a price is measured against, best evidence first."""

    OWN_LAST_PRICE = "own_last_price"
    STAND_ALONE_TIER = "stand_alone_tier"
    MARKET_INDEX = "market_index"
    CEILING = "ceiling"


EVIDENCE = {
    Baseline.OWN_LAST_PRICE: "the buyer's own last price for this product",
    Baseline.STAND_ALONE_TIER: "the published price at {own_quantity} bought alone",
    Baseline.MARKET_INDEX: "the buyer's own last price, moved as the category's prices moved since {base_month}",
    Baseline.CEILING: "the highest price the buyer would have paid",
}


@dataclass(frozen=True)
class Base:
    """A price a unit that could have been paid instead, with the refs, dates and figures it is told by."""

    baseline: Baseline
    price: Rate
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def evidence(self) -> str:
        return EVIDENCE[self.baseline].format(**self.facts)


@dataclass(frozen=True)
class Proof:
    """So much was saved against one baseline; negative when the member paid more."""

    base: Base
    saved: Money

    @property
    def baseline(self) -> Baseline:
        return self.base.baseline


def tier_price(tiers: Sequence[tuple[Decimal, Rate]], quantity: Decimal) -> Rate | None:
    """Return the price of the highest tier that `quantity` alone reaches, None when it reaches none."""
    reached = tier_reached(tiers, quantity)
    return reached[1] if reached else None


def tier_reached(tiers: Sequence[tuple[Decimal, Rate]], quantity: Decimal) -> tuple[Decimal, Rate] | None:
    """Return the highest tier (from, price) that `quantity` alone reaches, None when it reaches none."""
    return max((tier for tier in tiers if quantity >= tier[0]), key=lambda tier: tier[0], default=None)


def prove(quantity: Decimal, paid: Money, bases: Sequence[Base]) -> list[Proof]:
    """Measure what a member paid, landed and before VAT, against every baseline there is, best evidence first.

    The own last price, the published tier and the index are prices of goods alone, so setting the landed price (goods,
    freight and fee) against them understates the saving. Baselines in another currency, and prices that are not above
    zero, prove nothing and are left out.

    quantity  accepted, > 0
    paid      goods + freight + fee
    """
    order = list(Baseline)
    told = [base for base in bases if base.price.currency == paid.currency and base.price.amount > 0]
    told.sort(key=lambda base: order.index(base.baseline))
    return [Proof(base, base.price.times(quantity) - paid) for base in told]
