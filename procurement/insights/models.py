"""Savings and their evidence."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import at_least
from procurement.insights.rules import Baseline


class Saving(models.Model):
    """What one member saved on one pool against one baseline; `headline` marks the best evidence there was.

    `facts` are the refs, days and figures behind the baseline's price and what was paid, as text.
    """

    pool = models.ForeignKey("pools.Pool", on_delete=models.PROTECT, related_name="+")
    commitment = models.ForeignKey("pools.Commitment", on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    baseline = models.CharField(max_length=24)
    evidence = models.CharField(max_length=200)
    facts = models.JSONField(default=dict)
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


class JointSaving(models.Model):
    """What the members of a billed pool saved together on goods against a published curve, split by every rule.

    `steps` is the curve as it stood ([from, price] as text) and `source` where it is published; `alone_minor` is what
    it asks of all members one by one, `together_minor` what they were billed. `splits` holds each rule's worst
    coalition by refs (see docs/algorithms/savings.md), `not_offered` the rules that were not computed, with why.
    """

    pool = models.OneToOneField("pools.Pool", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=24)
    currency = models.CharField(max_length=3)
    steps = models.JSONField()
    quantity = ExactDecimalField()
    alone_minor = MoneyMinorField()
    together_minor = MoneyMinorField()
    splits = models.JSONField()
    not_offered = models.JSONField(default=list)
    why = models.JSONField(default=list)
    proved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="joint_saving_quantity_positive"),
            at_least("alone_minor", 0, "joint_saving_alone_not_negative"),
            at_least("together_minor", 0, "joint_saving_together_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id}: {self.together_minor} instead of {self.alone_minor}"


class JointShare(models.Model):
    """One buyer's part: its quantity over all its commitments, what the curve asks of it alone, and its share by rule.

    `shares` maps each rule to minor units; over the members they add up to `together_minor`.
    """

    joint = models.ForeignKey(JointSaving, on_delete=models.PROTECT, related_name="shares")
    buyer = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    quantity = ExactDecimalField()
    alone_minor = MoneyMinorField()
    shares = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["joint", "buyer"], name="joint_share_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="joint_share_quantity_positive"),
            at_least("alone_minor", 0, "joint_share_alone_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.buyer_id} of {self.joint_id}"


class Release(models.Model):
    """One fact of a contracting process as it was published, to the byte. Append-only.

    `number` counts the releases of one process; `fact` is the recorded event behind it, published once.
    `tender_status`, `title` and `bids_until` repeat what `document` says of the tender, so that lists need not read it.
    `sha256` is over the document, UTF-8; `previous_sha256` that of the process's release before, '' at its first.
    """

    fact = models.PositiveBigIntegerField(unique=True)
    ocid = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    release_id = models.CharField(max_length=80, unique=True)
    tender_ref = models.CharField(max_length=40)
    at = models.DateTimeField()
    tags = models.JSONField()
    kind = models.CharField(max_length=8, blank=True)
    title = models.CharField(max_length=200)
    tender_status = models.CharField(max_length=16)
    bids_until = models.DateTimeField()
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ocid", "number"], name="release_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="release_numbers_from_one"),
            models.CheckConstraint(condition=Q(kind__in=["", "tender", "award"]), name="release_kind_known"),
            models.CheckConstraint(
                condition=Q(tender_status__in=["active", "complete", "cancelled", "unsuccessful"]),
                name="release_status_known",
            ),
        ]
        indexes = [models.Index(fields=["tender_status", "bids_until"], name="release_open")]

    def __str__(self) -> str:
        return self.release_id
