"""What about an opened bid asks for a second look. A flag blocks nothing by itself."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from procurement.tenders.models.offer import OpenedBid
from procurement.tenders.models.tender import Lot, Tender
from procurement.tenders.rules.flagging import KINDS


class BidFlag(models.Model):
    """One finding, with its figures: about a bid, or about bids that stand together (`refs`).

    Who offered an abnormally low price is asked to justify it: `asked_at`, then `answer`, once.
    """

    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="second_looks")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+", null=True)
    opened_bid = models.ForeignKey(OpenedBid, on_delete=models.PROTECT, related_name="flags", null=True)
    kind = models.CharField(max_length=24)
    about = models.CharField(max_length=200)
    refs = models.JSONField(default=list)
    figures = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80, blank=True)
    asked_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tender", "kind", "about"], name="bid_flag_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="bid_flag_kind_known"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(asked_at__isnull=False), name="bid_flag_asked_before_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}"
