"""Savings and their evidence."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import at_least
from procurement.insights.rules import Baseline


class Saving(models.Model):
    """What one member saved on one pool against one baseline; `headline` marks the best evidence there was."""

    pool = models.ForeignKey("pools.Pool", on_delete=models.PROTECT, related_name="+")
    commitment = models.ForeignKey("pools.Commitment", on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    baseline = models.CharField(max_length=24)
    evidence = models.CharField(max_length=200)
    headline = models.BooleanField()
    quantity = ExactDecimalField()
    currency = models.CharField(max_length=3)
    baseline_price = ExactDecimalField()
    paid_minor = MoneyMinorField()
    saved_minor = MoneyMinorField()
    proved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(baseline__in=[b.value for b in Baseline]), name="saving_baseline_known"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="saving_quantity_positive"),
            at_least("baseline_price", 0, "saving_baseline_not_negative"),
            at_least("paid_minor", 0, "saving_paid_not_negative"),
            models.UniqueConstraint(fields=["commitment", "baseline"], name="saving_once"),
            models.UniqueConstraint(fields=["commitment"], condition=Q(headline=True), name="saving_one_headline"),
        ]

    def __str__(self) -> str:
        return f"{self.buyer_id} saved {self.saved_minor} against {self.baseline}"
