"""What of a tender's terms is written down beside its lots, and how it changes after publication."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.models import Stateful, at_least, state_known
from procurement.tenders.models.bid import SealedBid
from procurement.tenders.models.tender import Tender
from procurement.tenders.states import AMENDMENT, AmendmentState


class Amendment(Stateful):
    """A change of a published tender, proposed by one person and published by another.

    `tender_revision` is the tender as the proposer saw it; once it moves, the proposal is stale. `terms_version` is set
    at publication where what is bid for changes: bids to earlier terms must be confirmed or replaced.
    """

    machine = AMENDMENT

    state = models.CharField(max_length=24, default=AmendmentState.PROPOSED.value)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="amendments")
    tender_revision = models.PositiveIntegerField()
    summary = models.TextField()
    changes_terms = models.BooleanField(default=False)
    bids_until = models.DateTimeField(null=True)
    questions_until = models.DateTimeField(null=True)
    bids_until_before = models.DateTimeField()
    terms_version = models.PositiveIntegerField(null=True)
    terms_sha256 = models.CharField(max_length=64, blank=True)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    published_by = models.CharField(max_length=80, blank=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_known(AMENDMENT, "amendment_state_known"),
            models.UniqueConstraint(
                fields=["tender"], condition=Q(state=AmendmentState.PROPOSED.value), name="amendment_one_waits"
            ),
            models.UniqueConstraint(
                fields=["tender", "terms_version"],
                name="amendment_terms_once",
                condition=Q(terms_version__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(published_by="") | ~Q(published_by=F("proposed_by")), name="amendment_published_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(state=AmendmentState.PUBLISHED.value)
                | (~Q(published_by="") & ~Q(terms_sha256="") & Q(published_at__isnull=False)),
                name="amendment_published_has_eyes",
            ),
            models.CheckConstraint(
                condition=Q(bids_until__isnull=True) | Q(bids_until__gt=F("bids_until_before")),
                name="amendment_only_extends",
            ),
            at_least("terms_version", 2, "amendment_terms_from_two"),
        ]


class TenderDocument(models.Model):
    """A paper of a tender, kept whole with its digest; one of an amendment holds from its publication on."""

    ref = models.CharField(max_length=40, unique=True)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="documents")
    amendment = models.ForeignKey(Amendment, on_delete=models.PROTECT, null=True, related_name="documents")
    title = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tender", "sha256"], name="tender_document_once"),
            models.CheckConstraint(condition=Q(size__gt=0), name="tender_document_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.file_name}"


class BidTerms(models.Model):
    """To which terms one version of a bid was sealed or confirmed. Append-only, under the platform's signature."""

    bid = models.ForeignKey(SealedBid, on_delete=models.PROTECT, related_name="terms")
    version = models.PositiveIntegerField()
    terms_version = models.PositiveIntegerField()
    terms_sha256 = models.CharField(max_length=64)
    signature = models.BinaryField()
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        verbose_name_plural = "bid terms"
        constraints = [models.UniqueConstraint(fields=["bid", "version", "terms_version"], name="bid_terms_once")]

    def __str__(self) -> str:
        return f"{self.bid_id} v{self.version} to terms {self.terms_version}"
