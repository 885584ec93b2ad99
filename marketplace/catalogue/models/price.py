"""Published prices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.foundation.fields import ExactDecimalField


class PriceListTier(models.Model):
    """A published price that holds from a quantity on, of one supplier or (none) of the platform's own list."""

    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    from_quantity = ExactDecimalField()
    unit_price = ExactDecimalField()
    currency = models.CharField(max_length=3)
    published_by = models.CharField(max_length=80)
    published_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(from_quantity__gte=0), name="price_tier_quantity_not_negative"),
            models.CheckConstraint(condition=Q(unit_price__gt=0), name="price_tier_price_positive"),
            models.UniqueConstraint(
                fields=["product", "supplier", "currency", "from_quantity"],
                condition=Q(superseded_at__isnull=True, supplier__isnull=False),
                name="price_tier_once",
            ),
            models.UniqueConstraint(
                fields=["product", "currency", "from_quantity"],
                condition=Q(superseded_at__isnull=True, supplier__isnull=True),
                name="price_tier_once_own",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_price} {self.currency} from {self.from_quantity}"
