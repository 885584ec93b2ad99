"""What pools came to: prices of awards."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from marketplace.kernel.periods import Period
from procurement.pools import models
from procurement.pools.states import PRICED


def awarded_prices(product_ids: Iterable[int], currency: str, span: Period) -> list[tuple[str, int, Decimal, Decimal]]:
    """Return (pool ref, product id, ordered, unit price above zero) of pools awarded for windows begun in `span`."""
    rows = models.Pool.objects.filter(window_start__gte=span.start, window_start__lt=span.end, state__in=PRICED)
    priced = rows.filter(product_id__in=list(product_ids), currency=currency, unit_price__gt=0, ordered__gt=0)
    found = priced.order_by("id").values_list("ref", "product_id", "ordered", "unit_price")
    return [(ref, product, ordered, price) for ref, product, ordered, price in found if price is not None]
