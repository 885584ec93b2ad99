"""Which debts a sum of money reaches, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Allocation:
    """What each debt got, in the order given, and what was left over.

    paid      n amounts, 0 <= paid[i] <= owed[i]
    left      what no debt took, >= 0; sum(paid) + left is the sum that was poured
    """

    paid: tuple[int, ...]
    left: int


def pour(amount: int, owed: Sequence[int]) -> Allocation:
    """Pour `amount` over debts in order: each is filled before the next gets anything.

    Pouring in two goes ends where one go ends, so splitting a receipt changes nothing.

    amount    in the smallest coin, >= 0
    owed      n >= 0 amounts in the same coin, each >= 0, first in line first
    cost      O(n)

    :raises ValueError: a negative amount or debt.
    """
    if amount < 0 or any(debt < 0 for debt in owed):
        raise ValueError("a waterfall takes no negative sums")
    paid, left = [], amount
    for debt in owed:
        paid.append(min(debt, left))
        left -= paid[-1]
    return Allocation(tuple(paid), left)
