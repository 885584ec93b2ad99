"""Which products are pooled as one, and which stand for another by agreement."""

from __future__ import annotations

from fractions import Fraction


def pooled_together(one: int, other: int) -> bool:
    """Return whether needs of two products (row ids) fall into one pool."""
    return one == other


def substitute_ratio(wanted: int, offered: int) -> Fraction | None:
    """Return how many units of `offered` stand for one of `wanted` (row ids) by agreement, None when it is none."""
    return None
