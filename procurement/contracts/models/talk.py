"""What the parties of an order write to each other, and the papers they add."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class OrderMessage(models.Model):
    """One message on an order, kept for good.

    `buyer` is in whose thread it stands: between that buyer, the supplier and staff. Without one it is to all parties,
    which only the supplier and staff write. `author` is empty for staff.
    """

    order = models.ForeignKey("contracts.PurchaseOrder", on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    author = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    text = models.TextField()
    written_by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="order_message_says_something")]
        indexes = [models.Index(fields=["order", "id"], name="order_messages")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.text[:40]}"


class OrderPaper(models.Model):
    """One document on an order, kept for good, in a thread as a message is."""

    order = models.ForeignKey("contracts.PurchaseOrder", on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    author = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    file_name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    added_by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="order_paper_not_empty")]
        indexes = [models.Index(fields=["order", "id"], name="order_papers")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.file_name}"
