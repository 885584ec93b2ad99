"""How questions, amendments, papers, invitations, complaints and bonds are written for, and read from, the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from procurement.tenders import rules
from procurement.tenders.rules.procedures import LONGEST_TEXT, PROCEDURES, REMEDIES
from procurement.tenders.serializers.tenders import exact


def said(**more: Any) -> serializers.CharField:
    """Return the field of what somebody writes."""
    return serializers.CharField(max_length=LONGEST_TEXT, **more)


class BondIn(serializers.Serializer[Any]):
    amount = serializers.DecimalField(max_digits=18, decimal_places=2, min_value=Decimal("0.01"))
    currency = serializers.CharField(min_length=3, max_length=3)


class StageIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    percent = exact(min_value=0, max_value=100)
    acceptance = said()


class ConditionsIn(serializers.Serializer[Any]):
    """What a tender asks and promises beside prices."""

    papers = serializers.ListField(child=serializers.CharField(max_length=40), required=False, max_length=20)
    least_score = exact(min_value=0, max_value=100, required=False, allow_null=True)
    newcomers = serializers.BooleanField(required=False)
    retention_percent = exact(min_value=0, max_value=100, required=False)
    warranty_days = serializers.IntegerField(required=False, min_value=0, max_value=100_000)
    keeps_pools = serializers.BooleanField(required=False)
    milestones = StageIn(many=True, required=False)


class TenderIn(serializers.Serializer[Any]):
    """A tender to be drafted on frozen pools."""

    title = serializers.CharField(max_length=200)
    pool_refs = serializers.ListField(child=serializers.CharField(max_length=40), max_length=2000)
    bids_until = serializers.DateTimeField()
    questions_until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    procedure = serializers.ChoiceField(choices=list(PROCEDURES), required=False, default="open")
    invited = serializers.ListField(child=serializers.CharField(max_length=40), required=False, default=list)
    standstill_days = serializers.IntegerField(required=False, default=0, min_value=0, max_value=365)
    bond = BondIn(required=False, allow_null=True, default=None)
    conditions = ConditionsIn(required=False, default=dict)


class RetenderIn(serializers.Serializer[Any]):
    bids_until = serializers.DateTimeField()
    questions_until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    title = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class OfTenderIn(serializers.Serializer[Any]):
    """What is about one tender."""

    tender = serializers.CharField(max_length=40)


class QuestionIn(OfTenderIn):
    text = said()


class AnswerIn(serializers.Serializer[Any]):
    answer = said()
    wording = said(required=False, default="", allow_blank=True, help_text="the question as it is published")


class ReasonIn(serializers.Serializer[Any]):
    why = said()


class QuestionOut(serializers.Serializer[Any]):
    """A question with its answer. Who asked is nobody's to read; `mine` says whether the asker's own firm did."""

    ref = serializers.CharField()
    tender = serializers.CharField(source="tender.ref")
    state = serializers.CharField()
    question = serializers.CharField(source="wording")
    asked_at = serializers.DateTimeField()
    answer = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)
    mine = serializers.BooleanField()
    why = serializers.SerializerMethodField()

    def get_why(self, question: Any) -> str:
        """Why it was set aside: for its asker and staff."""
        return str(question.reason) if question.mine or self.context["actor"].staff else ""


class AmendmentIn(OfTenderIn):
    summary = said()
    bids_until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    questions_until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    changes_terms = serializers.BooleanField(required=False, default=False)


class AmendmentOut(serializers.Serializer[Any]):
    """A change of a published tender; `bids_until` is null where the closing time stays."""

    ref = serializers.CharField()
    tender = serializers.CharField(source="tender.ref")
    state = serializers.CharField()
    summary = serializers.CharField()
    changes_terms = serializers.BooleanField()
    bids_until = serializers.DateTimeField(allow_null=True)
    questions_until = serializers.DateTimeField(allow_null=True)
    terms_version = serializers.IntegerField(allow_null=True)
    terms_sha256 = serializers.CharField()
    proposed_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)


class DocumentOut(serializers.Serializer[Any]):
    """A paper of a tender, by its digest; `content` of the same address gives its bytes."""

    ref = serializers.CharField()
    tender = serializers.CharField(source="tender.ref")
    amendment = serializers.SerializerMethodField()
    title = serializers.CharField()
    file_name = serializers.CharField()
    kind = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    added_at = serializers.DateTimeField()

    def get_amendment(self, document: Any) -> str | None:
        return document.amendment.ref if document.amendment else None


class InvitationIn(OfTenderIn):
    supplier = serializers.CharField(max_length=40)


class InvitationOut(serializers.Serializer[Any]):
    ref = serializers.CharField()
    tender = serializers.CharField(source="tender.ref")
    supplier = serializers.CharField(source="supplier.ref")
    state = serializers.CharField()
    invited_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    why = serializers.CharField(source="reason")
    standing = serializers.JSONField()


class ScoreIn(serializers.Serializer[Any]):
    supplier = serializers.CharField(max_length=40)
    score = exact(min_value=0, max_value=100)
    basis = serializers.DictField(required=False, default=dict, help_text="what the score rests on")


class ComplaintIn(OfTenderIn):
    grounds = said()


class DecisionIn(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=["uphold", "dismiss"])
    reasons = said()
    remedy = serializers.ChoiceField(choices=["", *REMEDIES], required=False, default="")
    exclude = serializers.ListField(child=serializers.CharField(max_length=40), required=False, default=list)


class ComplaintOut(serializers.Serializer[Any]):
    """A complaint as its complainant and staff see it; what is only proposed is for staff."""

    ref = serializers.CharField()
    tender = serializers.CharField(source="tender.ref")
    complainant = serializers.CharField(source="complainant.ref")
    state = serializers.SerializerMethodField()
    grounds = serializers.CharField()
    lodged_at = serializers.DateTimeField()
    outcome = serializers.SerializerMethodField()
    remedy = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()
    decided_at = serializers.DateTimeField(allow_null=True)

    def _told(self, complaint: Any) -> bool:
        return bool(complaint.decided_at) or self.context["actor"].staff

    def get_state(self, complaint: Any) -> str:
        return str(complaint.state if complaint.state != "proposed" or self._told(complaint) else "lodged")

    def get_outcome(self, complaint: Any) -> str:
        return str(complaint.outcome) if self._told(complaint) else ""

    def get_remedy(self, complaint: Any) -> str:
        return str(complaint.remedy) if self._told(complaint) else ""

    def get_reasons(self, complaint: Any) -> str:
        return str(complaint.reasons) if self._told(complaint) else ""


class BondOut(serializers.Serializer[Any]):
    """One's own bid bond, in the tender's currency; staff see those of tenders that were opened."""

    ref = serializers.CharField()
    tender = serializers.CharField(source="tender.ref")
    supplier = serializers.CharField(source="supplier_ref")
    state = serializers.CharField()
    currency = serializers.CharField()
    amount = serializers.SerializerMethodField()
    lodged_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    why = serializers.CharField(source="reason")

    def get_amount(self, bond: Any) -> str:
        return rules.amount(bond.amount_minor, bond.currency)
