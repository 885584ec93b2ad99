"""How a pool's members share what several suppliers bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Share:
    """So much of supply line `line` goes to member `member` (both by position)."""

    line: int
    member: int
    quantity: Decimal


def share_out(supplies: Sequence[Decimal], wants: Sequence[Decimal]) -> list[Share]:
    """Fill members from supply lines in order, so that each member deals with as few suppliers as possible.

    The north-west corner rule: the earliest member takes from the first line until one of them is exhausted. Everybody
    of a pool pays the same blended price, so nobody is better served by another order of filling.

    supplies  quantities of the supply lines, each > 0
    wants     quantities of the members, oldest first, each > 0
    returns   shares whose sums equal min(total supply, total want) and never exceed a line or a member

    Source: Dantzig, Linear Programming and Extensions, 1963, section 14-2 (north-west corner).
    """
    shares: list[Share] = []
    left, open_wants = list(supplies), list(wants)
    line = member = 0
    while line < len(left) and member < len(open_wants):
        quantity = min(left[line], open_wants[member])
        if quantity > 0:
            shares.append(Share(line, member, quantity))
        left[line] -= quantity
        open_wants[member] -= quantity
        if left[line] <= 0:
            line += 1
        else:
            member += 1
    return shares
