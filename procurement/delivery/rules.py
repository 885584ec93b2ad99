"""How what came is shared, and how what it cost is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from marketplace.kernel.money import Money, Rate, split


def share_arrival(came: Decimal, wants: Sequence[Decimal]) -> list[Decimal]:
    """Share what came among members, oldest first, each up to what is still due to it.

    came     quantity that arrived and was counted, >= 0
    wants    what each member still has to get, oldest first, each >= 0
    returns  one share a member; the sum is min(came, sum of wants)
    """
    shares: list[Decimal] = []
    left = came
    for want in wants:
        shares.append(min(left, want))
        left -= shares[-1]
    return shares


@dataclass(frozen=True)
class MemberCost:
    """What one member pays before tax."""

    goods: Money
    freight: Money
    fee: Money


def share_bill(
    goods: Money, freight: Money, fee_percent: Decimal, delivered: Sequence[Decimal], weights: Sequence[Fraction | int]
) -> list[MemberCost]:
    """Share what the suppliers invoiced for a pool among its members, to the cent.

    Goods by delivered quantity: everybody of a pool pays the same blended price. Freight by the weight x distance
    given. The fee is the platform's own and is worked on each member's goods, rounded half-up.

    goods, freight  what the suppliers' matched invoices charge, one currency
    fee_percent     the platform's service fee in per cent of goods
    delivered       accepted quantity of each member, each >= 0, not all zero
    weights         weight x distance of each member's share, each >= 0
    returns         one cost a member; goods and freight add up exactly

    :raises ValueError: nothing was delivered to anybody.
    """
    goods_shares = split(goods, list(delivered))
    freight_shares = split(freight, list(weights) if any(weights) else list(delivered))
    return [
        MemberCost(part, freight_part, Rate(fee_percent / 100, goods.currency).times(part.amount))
        for part, freight_part in zip(goods_shares, freight_shares, strict=True)
    ]
