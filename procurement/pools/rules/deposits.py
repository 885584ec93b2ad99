"""Deposits: how much is held of whom, and why that much."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from marketplace.kernel.money import Money
from procurement.engines.reasons import Reason
from procurement.pools.rules.text import plain


def deposit_key(commitment_ref: str) -> str:
    """Return the key under which the ledger holds a commitment's deposit."""
    return f"deposit:{commitment_ref}"


@dataclass(frozen=True)
class Deposit:
    """What is held of a member when its pool freezes, and why that much."""

    amount: Money
    why: Reason


def deposit_of(
    allocated: Decimal,
    percent: Decimal,
    currency: str,
    *,
    ceiling: Decimal | None,
    indicative: Decimal | None,
    stated: Decimal | None,
) -> Deposit:
    """Return `percent` of what the allocation may cost, rounded half up once to the smallest coin.

    The price is the member's ceiling or the indicative step that its pool has reached, whichever is more, so that
    nobody keeps a place in a full pool for nothing by a ceiling that no award meets; without both of them it is the
    price stated with its request. Without any the deposit is zero, and the reason says so.
    """
    zero = Money.zero(currency)
    if not percent:
        return Deposit(zero, Reason("deposit_not_asked"))
    if ceiling is not None and indicative is not None and indicative > ceiling:
        ceiling = None
    for basis, price in (("ceiling", ceiling), ("indicative", indicative), ("stated", stated)):
        if price is not None:
            amount = Money.rounded(allocated * price * percent / 100, currency, ROUND_HALF_UP)
            facts = {"percent": plain(percent), "quantity": plain(allocated), "price": plain(price)}
            return Deposit(amount, Reason(f"deposit_on_{basis}", {**facts, "deposit": str(amount)}))
    return Deposit(zero, Reason("deposit_without_price"))
