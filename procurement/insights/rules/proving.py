"""What a saving is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from marketplace.kernel.money import Money, Rate


class Baseline(StrEnum):
    """What a price is measured against, best evidence first."""

    OWN_LAST_PRICE = "own_last_price"
    STAND_ALONE_TIER = "stand_alone_tier"
    CEILING = "ceiling"


@dataclass(frozen=True)
class Proof:
    """So much was saved against one baseline; negative when the member paid more."""

    baseline: Baseline
    price: Rate
    saved: Money
    evidence: str


def tier_price(tiers: Sequence[tuple[Decimal, Rate]], quantity: Decimal) -> Rate | None:
    """Return the price of the highest tier that `quantity` alone reaches, None when it reaches none."""
    reached = [(start, rate) for start, rate in tiers if quantity >= start]
    return max(reached, key=lambda tier: tier[0])[1] if reached else None


def prove(
    quantity: Decimal,
    paid: Money,
    *,
    last_price: Rate | None,
    tiers: Sequence[tuple[Decimal, Rate]],
    ceiling: Rate | None,
) -> list[Proof]:
    """Measure what a member paid, landed and before VAT, against every baseline there is, best evidence first.

    The own last price and the published tier are prices of goods alone, so setting the landed price (goods, freight and
    fee) against them understates the saving. Baselines in another currency are left out.

    quantity  accepted, > 0
    paid      goods + freight + fee
    """
    alone = tier_price(tiers, quantity)
    found = [
        (Baseline.OWN_LAST_PRICE, last_price, "the buyer's own last price for this product"),
        (Baseline.STAND_ALONE_TIER, alone, f"the published price at {quantity.normalize():f} bought alone"),
        (Baseline.CEILING, ceiling, "the highest price the buyer would have paid"),
    ]
    return [
        Proof(baseline, rate, rate.times(quantity) - paid, evidence)
        for baseline, rate, evidence in found
        if rate is not None and rate.currency == paid.currency and rate.amount > 0
    ]
