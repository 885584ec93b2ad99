"""What leaving costs once a pool is frozen."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from marketplace.kernel.money import Money
from procurement.engines.reasons import Reason
from procurement.pools.rules.text import plain


@dataclass(frozen=True)
class Withdrawal:
    """What of a deposit is forfeited and what is free again; both add up to the deposit."""

    penalty: Money
    freed: Money
    why: Reason


def withdrawal_of(deposit: Money, percent: Decimal) -> Withdrawal:
    """Return what withdrawing costs: `percent` of the deposit, rounded half up once to the smallest coin.

    A deposit of 17.65 at 20 %: 3.53 are forfeited, 14.12 are free.
    """
    penalty = Money.rounded(deposit.amount * percent / 100, deposit.currency, ROUND_HALF_UP)
    facts = {"deposit": str(deposit), "percent": plain(percent), "penalty": str(penalty)}
    return Withdrawal(penalty, deposit - penalty, Reason("withdrawn", facts))
