"""A want is a set of rows: what a decrease takes from which of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple


class Held(NamedTuple):
    """What one row holds."""

    quantity: Decimal
    tolerance: Decimal


def lowered(rows: Sequence[Held], quantity: Decimal, tolerance: Decimal) -> list[Held]:
    """Return what the rows hold after a decrease that is taken from the newest first, each of the two by itself.

    rows                oldest first
    quantity, tolerance how much less, >= 0, each at most what the rows hold of it together

    A row of 30 and a newer one of 20, lowered by 25: the newer is empty and leaves, the older holds 25.

    Source: the rows of Foodsoft (group order article quantities); worked by hand in tests/procurement/pools.
    """
    left = []
    for row in reversed(rows):
        taken = Held(min(row.quantity, quantity), min(row.tolerance, tolerance))
        quantity, tolerance = quantity - taken.quantity, tolerance - taken.tolerance
        left.append(Held(row.quantity - taken.quantity, row.tolerance - taken.tolerance))
    return left[::-1]
