"""What leaving costs once a pool is frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from marketplace.kernel.money import Money, split, total
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
    return _said(deposit, percent, penalty)


def withdrawals_of(deposits: Sequence[Money], percent: Decimal, currency: str) -> list[Withdrawal]:
    """Return what withdrawing costs each row of one want, in order.

    Rounded once for the want (see `withdrawal_of`) and split over its rows' deposits by largest remainder, so that
    what is booked is what its page says: ten rows of 0.05 at 10 % are 0.05 together, not 0.10.
    """
    whole = withdrawal_of(total(deposits, currency), percent).penalty
    parts = split(whole, [one.minor for one in deposits]) if whole else [whole] * len(deposits)
    return [_said(held, percent, part) for held, part in zip(deposits, parts, strict=True)]


def _said(deposit: Money, percent: Decimal, penalty: Money) -> Withdrawal:
    facts = {"deposit": str(deposit), "percent": plain(percent), "penalty": str(penalty)}
    return Withdrawal(penalty, deposit - penalty, Reason("withdrawn", facts))
