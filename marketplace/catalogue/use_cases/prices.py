"""Prices are published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from marketplace.catalogue import events, models
from marketplace.catalogue.use_cases.loading import load_product
from marketplace.events.use_cases import record
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop
from marketplace.parties import queries as parties


@dataclass(frozen=True)
class Tier:
    """A unit price that holds from a quantity on, in the product's base unit."""

    from_quantity: Decimal
    unit_price: Rate


@transaction.atomic
def publish_price_list(
    *, product_ref: str, supplier_ref: str | None, tiers: Sequence[Tier], by: str, at: datetime
) -> None:
    """Publish a supplier's prices of a product (None: the platform's own list); its earlier list ends.

    A merged product's prices are those of the kept one, which is published for.

    :raises BadValue: no tiers, two from one quantity, a price not above zero, or two currencies.
    """
    currency = _checked(tiers)
    product = load_product(product_ref)
    supplier_id = parties.organisation(supplier_ref).id if supplier_ref else None
    standing = models.PriceListTier.objects.filter(Q(product=product) | Q(product__merged_into=product))
    standing.filter(supplier_id=supplier_id, currency=currency, superseded_at__isnull=True).update(superseded_at=at)
    models.PriceListTier.objects.bulk_create(
        models.PriceListTier(
            product=product,
            supplier_id=supplier_id,
            from_quantity=tier.from_quantity,
            unit_price=tier.unit_price.amount,
            currency=currency,
            published_by=by,
            published_at=at,
        )
        for tier in tiers
    )
    record(events.PriceListPublished(product.ref, supplier_ref or "", len(tiers)), source_ref=product.ref, at=at)


def _checked(tiers: Sequence[Tier]) -> str:
    currencies = {tier.unit_price.currency for tier in tiers}
    starts = [tier.from_quantity for tier in tiers]
    if len(currencies) != 1:
        raise BadValue(place="tiers", value=len(tiers), reason=gettext_noop("tiers in one currency are needed"))
    if len(set(starts)) < len(starts) or any(not start.is_finite() or start < 0 for start in starts):
        raise BadValue(place="from_quantity", value=str(starts), reason=gettext_noop("each once, none below zero"))
    if any(tier.unit_price.amount <= 0 for tier in tiers):
        raise BadValue(place="unit_price", value="0", reason=gettext_noop("above zero"))
    return currencies.pop()
