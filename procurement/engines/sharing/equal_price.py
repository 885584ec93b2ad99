"""What equal price per unit does to a large member."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

PEAK_SHARE = (3 - math.sqrt(5)) / 2  # 0.381966...
ASSUMPTION = "p = a + b / sqrt(Q)"


def gain_at_equal_price(share: float) -> float:
    """Return what a member with `share` of the volume gains under one equal price, as a part of b sqrt(Q).

    Assumes that a unit costs p(Q) = a + b / sqrt(Q). Alone the member pays a q + b sqrt(q), in the group a q + b q /
    sqrt(Q): it gains b sqrt(Q) (sqrt(share) - share).

    share    0 <= share <= 1

    Source: Schotanus, Telgen and de Boer, Unfair allocation of gains under the Equal Price allocation method in
    purchasing groups, European Journal of Operational Research 187, 2008.
    """
    return math.sqrt(share) - share


def paid_less_than_they_bring(quantities: Sequence[Fraction | int]) -> tuple[int, ...]:
    """Return the places of the members whose own gain falls with every further unit they bring, at one equal price.

    With the others' quantity R held and p(Q) = a + b / sqrt(Q), a member of q gains b (sqrt(q) - q / sqrt(q + R)). Its
    derivative is zero where 1 / sqrt(s) = 2 - s, s = q / (q + R): at s = (3 - sqrt 5) / 2, 38.2 % of the volume, and
    negative above. Decided without rounding: s is above the peak when s^2 - 3 s + 1 < 0. A lone member is in no group.

    quantities  n >= 1 amounts, each > 0

    Source: as `gain_at_equal_price`; the derivation is written out in docs/algorithms/sharing.md.
    """
    whole = sum(quantities)
    if len(quantities) < 2:
        return ()
    return tuple(place for place, one in enumerate(quantities) if one * one - 3 * one * whole + whole * whole < 0)
