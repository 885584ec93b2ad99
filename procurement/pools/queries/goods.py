"""Which products are pooled as one, and which stand for another by agreement."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from marketplace.catalogue import queries as catalogue


def pooled_together(one: int, other: int) -> bool:
    """Return whether needs of two products (row ids) fall into one pool."""
    if one == other:
        return True
    alike = catalogue.pooled_as([one, other])
    return one in alike and alike[one] == alike.get(other)


def stand_ins(product_ids: Iterable[int]) -> dict[int, int]:
    """Return, for each product, the one whose pool gathers it: itself unless several are equal in what must match."""
    asked = list(product_ids)
    alike = catalogue.pooled_as(asked)
    return {product_id: alike.get(product_id, product_id) for product_id in asked}


def substitute_ratio(wanted: int, offered: int) -> Fraction | None:
    """Return how many units of `offered` stand for one of `wanted` (row ids) by agreement, None when it is none."""
    agreed = {one.product_id: Fraction(one.ratio) for one in catalogue.substitutes_of(wanted)}
    return agreed.get(offered)


def substitutes(product_id: int) -> dict[int, Fraction]:
    """Return the agreed substitutes of a product by row id, with how many of their units stand for one of its own."""
    return {one.product_id: Fraction(one.ratio) for one in catalogue.substitutes_of(product_id)}
