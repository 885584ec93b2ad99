"""What each buyer means by its words, as somebody confirmed it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from marketplace.engines.product_match.reading import term
from procurement.demand import models

SLICE = 900


def remember(*, buyer_id: int, text: str, product_id: int, unit: str, by: str, at: datetime) -> None:
    """Keep that this buyer means this product by these words; another meaning it had is superseded, not deleted."""
    words = term(text)[:400]
    if not words:
        return
    current = models.BuyerTerm.objects.filter(buyer_id=buyer_id, text=words, superseded_at__isnull=True)
    current.exclude(product_id=product_id).update(superseded_at=at)
    new = models.BuyerTerm(
        buyer_id=buyer_id, text=words, product_id=product_id, unit=unit, confirmed_by=by, confirmed_at=at
    )
    models.BuyerTerm.objects.bulk_create([new], ignore_conflicts=True)


def remembered(buyer_ids: Collection[int], texts: Collection[str]) -> dict[tuple[int, str], int]:
    """Return the product's row id by (buyer's row id, folded words), for those of the texts that are remembered."""
    words = sorted({term(text)[:400] for text in texts} - {""})
    found: dict[tuple[int, str], int] = {}
    for start in range(0, len(words), SLICE):
        rows = models.BuyerTerm.objects.filter(text__in=words[start : start + SLICE], superseded_at__isnull=True)
        for buyer_id, text, product_id in rows.values_list("buyer_id", "text", "product_id"):
            if buyer_id in buyer_ids:
                found[buyer_id, text] = product_id
    return found
