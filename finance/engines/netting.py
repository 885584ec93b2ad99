"""Set off what two sides owe each other, so that one payment remains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finance.engines.waterfall import pour


@dataclass(frozen=True)
class Due:
    """One debt between us and one counterparty, in one currency.

    key      the caller's name for it
    sign     +1 the counterparty owes us, -1 we owe the counterparty
    amount   in the smallest coin, > 0
    """

    key: str
    sign: int
    amount: int


@dataclass(frozen=True)
class NetDue:
    """How one debt is discharged: `set_off` against the other side's debts, `paid` in money; they add up to it."""

    key: str
    sign: int
    set_off: int
    paid: int


@dataclass(frozen=True)
class Netting:
    """The discharge of every debt, in the order given.

    net       what changes hands: > 0 the counterparty pays us, < 0 we pay, 0 nobody pays
    set_off   what each side's debts shrink by without money
    """

    dues: tuple[NetDue, ...]
    net: int
    set_off: int


def net(dues: Sequence[Due]) -> Netting:
    """Net the debts between us and one counterparty in one currency.

    The smaller side is set off in full; on the larger side debts are set off in the order given (oldest first), so at
    most one debt is discharged partly by set-off and partly in money.

    dues      n >= 0 debts of one counterparty and one currency, oldest first
    returns   n discharges; sum of set-off is equal on both sides; sum(sign * paid) = net = sum(sign * amount); money
              moves in one direction only
    cost      O(n)

    :raises ValueError: an amount that is not positive, or a sign other than +1 and -1.
    """
    if any(due.amount <= 0 or due.sign not in {1, -1} for due in dues):
        raise ValueError("netting takes positive amounts, owed to us (+1) or by us (-1)")
    ours = sum(due.amount for due in dues if due.sign > 0)
    theirs = sum(due.amount for due in dues if due.sign < 0)
    common = min(ours, theirs)
    shrunk = {sign: iter(pour(common, [due.amount for due in dues if due.sign == sign]).paid) for sign in (1, -1)}
    done = []
    for due in dues:
        off = next(shrunk[due.sign])
        done.append(NetDue(due.key, due.sign, off, due.amount - off))
    return Netting(tuple(done), ours - theirs, common)
