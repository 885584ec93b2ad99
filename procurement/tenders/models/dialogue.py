"""Who looks at a tender, and what is asked about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.foundation.models import Stateful, state_known
from procurement.tenders.models.tender import Tender
from procurement.tenders.states import QUESTION, QuestionState


class Interest(models.Model):
    """A supplier that wants to hear what happens to a tender.

    Asking, lodging a bond and bidding make a supplier interested too. Which of them it was is not kept, so that an
    interest does not tell of a bid.
    """

    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="interests")
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    supplier_ref = models.CharField(max_length=40)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tender", "supplier"], name="interest_once")]

    def __str__(self) -> str:
        return f"{self.supplier_ref} in {self.tender_id}"


class Question(Stateful):
    """A question about a tender. Its answer is for all who may bid; who asked is for the platform's records alone.

    `wording` is the question as it is published: the asker's own, or one that does not tell who asked.
    """

    machine = QUESTION

    state = models.CharField(max_length=24, default=QuestionState.ASKED.value)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="questions")
    asker = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    text = models.TextField()
    wording = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            state_known(QUESTION, "question_state_known"),
            models.CheckConstraint(
                condition=~Q(state=QuestionState.ANSWERED.value) | (~Q(answer="") & ~Q(wording="")),
                name="question_answered_has_answer",
            ),
            models.CheckConstraint(
                condition=~Q(state=QuestionState.SET_ASIDE.value) | ~Q(reason=""), name="question_set_aside_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["tender", "asker"], name="question_of")]
