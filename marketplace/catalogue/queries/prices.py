"""Published prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from marketplace.catalogue import models
from marketplace.catalogue.queries.slices import slices
from marketplace.catalogue.rules import best_of
from marketplace.kernel.money import Rate


def price_list(product_id: int, currency: str = "CNY") -> list[tuple[Decimal, Rate]]:
    """Return the published price steps of a product: (from quantity, unit price), by rising quantity.

    The platform's own list when there is one, else the best of the suppliers' lists at each quantity; empty when nobody
    has published.
    """
    return price_lists([product_id]).get((product_id, currency), [])


def price_lists(product_ids: Iterable[int]) -> dict[tuple[int, str], list[tuple[Decimal, Rate]]]:
    """Return the published price steps of many products by (row id, currency), where there are any."""
    lists: dict[tuple[int, str], dict[int | None, list[tuple[Decimal, Decimal]]]] = defaultdict(dict)
    for some in slices(product_ids):
        rows = models.PriceListTier.objects.filter(product_id__in=some, superseded_at__isnull=True)
        for tier in rows.order_by("from_quantity"):
            steps = lists[tier.product_id, tier.currency].setdefault(tier.supplier_id, [])
            steps.append((tier.from_quantity, tier.unit_price))
    return {
        (product_id, currency): [
            (start, Rate(price, currency)) for start, price in best_of([own[None]] if None in own else [*own.values()])
        ]
        for (product_id, currency), own in lists.items()
    }
