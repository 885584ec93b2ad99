"""How many of one unit another holds."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from marketplace.engines.units import CannotConvert, convert
from marketplace.kernel.quantity import Quantity


def factor_between(unit: str, to: str) -> Decimal | None:
    """Return how many of `to` one `unit` holds, None when there is no such exact number."""
    try:
        return convert(Quantity(Fraction(1), unit), to).decimal()
    except (CannotConvert, ValueError):
        return None
