"""Whole minor units out of exact shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction


def whole_shares(exact: Sequence[Fraction], total: int) -> tuple[int, ...]:
    """Round shares down and give the units that are left, one each, to the largest remainders; they add up to `total`.

    Ties go to the earlier member. Shares whose floors are further than n units from `total` are spread evenly first,
    which never happens to shares that add up to it.

    exact    n >= 1 shares in minor units, of either sign
    total    what the whole shares add up to

    Source: Hamilton's method, as `marketplace.kernel.money.split_integer`, for shares instead of weights.
    """
    parts = [math.floor(one) for one in exact]
    each, left = divmod(total - sum(parts), len(parts))
    neediest = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in neediest[:left]:
        parts[place] += 1
    return tuple(part + each for part in parts)
