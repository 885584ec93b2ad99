"""Complaints against an award."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.models import Stateful, state_known
from procurement.tenders.models.tender import Tender
from procurement.tenders.rules.procedures import REMEDIES
from procurement.tenders.states import COMPLAINT, OPEN_COMPLAINT, ComplaintState


class Complaint(Stateful):
    """A bidder objects to an award that stands still. Until it is decided no contract is concluded.

    One person proposes a decision (`outcome`, and for one that is upheld a `remedy`), another agrees;
    `proposed_revision` is the complaint as it stood with the proposal.
    """

    machine = COMPLAINT

    state = models.CharField(max_length=24, default=ComplaintState.LODGED.value)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="complaints")
    complainant = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    grounds = models.TextField()
    lodged_by = models.CharField(max_length=80)
    lodged_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True)
    remedy = models.CharField(max_length=12, blank=True)
    reasons = models.TextField(blank=True)
    exclude = models.JSONField(default=list)
    proposed_by = models.CharField(max_length=80, blank=True)
    proposed_revision = models.PositiveIntegerField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_known(COMPLAINT, "complaint_state_known"),
            models.UniqueConstraint(
                fields=["tender", "complainant"], condition=Q(state__in=OPEN_COMPLAINT), name="complaint_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=F("proposed_by")), name="complaint_decided_by_another"
            ),
            models.CheckConstraint(condition=Q(outcome__in=["", "uphold", "dismiss"]), name="complaint_outcome_known"),
            models.CheckConstraint(condition=Q(remedy__in=["", *REMEDIES]), name="complaint_remedy_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[ComplaintState.UPHELD.value, ComplaintState.DISMISSED.value])
                | (~Q(decided_by="") & ~Q(reasons="")),
                name="complaint_decided_has_reasons",
            ),
        ]
