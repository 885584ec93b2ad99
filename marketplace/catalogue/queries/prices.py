"""Published prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models import Q

from marketplace.catalogue import models
from marketplace.catalogue.queries.alike import kept
from marketplace.catalogue.queries.slices import slices
from marketplace.catalogue.rules import best_of, in_unit
from marketplace.kernel.money import Rate

Step = tuple[Decimal, Decimal]


def price_list(product_id: int, currency: str = "CNY") -> list[tuple[Decimal, Rate]]:
    """Return the published price steps of a product: (from quantity, unit price), by rising quantity.

    The platform's own list when there is one, else the best of the suppliers' lists at each quantity; empty when nobody
    has published. Lists of products that were merged into one hold for all of them (see `price_lists`).
    """
    return price_lists([product_id]).get((product_id, currency), [])


def price_lists(product_ids: Iterable[int]) -> dict[tuple[int, str], list[tuple[Decimal, Rate]]]:
    """Return the published price steps of many products by (row id, currency), where there are any.

    A product has the lists of what was merged into it, and a merged one those of the kept product, in its own unit. One
    that was merged and is counted in another unit has its own lists alone.
    """
    asked = {pk: answer.product_id if answer.ratio == 1 else pk for pk, answer in kept(product_ids).items()}
    found = _published(asked.values())
    currencies = {currency for _, currency in found}
    return {(pk, c): found[root, c] for pk, root in asked.items() for c in currencies if (root, c) in found}


def _published(product_ids: Iterable[int]) -> dict[tuple[int, str], list[tuple[Decimal, Rate]]]:
    lists: dict[tuple[int, str], dict[tuple[int, int | None], list[Step]]] = defaultdict(lambda: defaultdict(list))
    for some in slices(product_ids):
        of_these = Q(product_id__in=some) | Q(product__merged_into_id__in=some)
        rows = models.PriceListTier.objects.filter(of_these, superseded_at__isnull=True).select_related("product")
        wanted = set(some)
        for tier in rows.order_by("from_quantity"):
            own = (tier.product_id, tier.supplier_id)
            if tier.product_id in wanted:
                lists[tier.product_id, tier.currency][own].append((tier.from_quantity, tier.unit_price))
            if (root := tier.product.merged_into_id) in wanted and root is not None:
                step = in_unit(tier.from_quantity, tier.unit_price, tier.product.merge_ratio or Decimal(1))
                lists[root, tier.currency][own] += [step] if step else []
    return {
        (product_id, currency): [(start, Rate(price, currency)) for start, price in best_of(_holding(by_list))]
        for (product_id, currency), by_list in lists.items()
    }


def _holding(lists: Mapping[tuple[int, int | None], list[Step]]) -> list[list[Step]]:
    """Return the platform's own lists where there are any, else everybody's."""
    platform = [steps for (_, supplier), steps in lists.items() if supplier is None]
    return platform or [*lists.values()]
