"""Questions, amendments, papers, invitations, complaints and bonds of tenders over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import parsers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import Feed, TenantViewSet, read
from marketplace.kernel import clock
from marketplace.kernel.refusals import NotAllowed
from procurement.tenders import queries, use_cases
from procurement.tenders import serializers as s
from procurement.tenders.filters import OfTenderFilter, PaperFilter
from procurement.tenders.rules import SUPPLYING
from procurement.tenders.rules.papers import LARGEST

PAPER = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "tender": {"type": "string"},
            "title": {"type": "string"},
            "file": {"type": "string", "format": "binary"},
        },
        "required": ["tender", "file"],
    }
}


class _OfTender(TenantViewSet):
    """Things that belong to a tender, narrowed by it; each verb of ours is for staff or for a supplier's sales."""

    filterset_class = OfTenderFilter

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "actor": self.actor}

    def _must_supply(self) -> None:
        if not SUPPLYING & self.actor.roles:
            raise NotAllowed(why="only suppliers and factories bid")
        self.actor.must("sales")

    def _must_be_staff(self) -> None:
        if not self.actor.staff:
            raise NotAllowed(why="staff only")

    def _made(self, ref: str) -> Response:
        thing = self.get_queryset().get(ref=ref)
        return Response(self.get_serializer(thing).data, status=status.HTTP_201_CREATED)

    def _done(self, deed: Callable[..., Any], argument: str, **more: Any) -> Response:
        """Do it to the thing the address names, for the asker and now; answer with the thing."""
        thing = self.get_object()
        self.must_match(thing.revision)
        deed(**{argument: thing.ref}, **more, by=self.actor.by, at=clock.now())
        found = self.get_queryset().get(ref=thing.ref)
        return Response(self.get_serializer(found).data, headers={"ETag": f'"{found.revision}"'})


class Questions(_OfTender):
    """Answered questions of the tenders one may look at, and one's own; nobody reads who asked."""

    serializer_class = s.QuestionOut

    def get_queryset(self) -> Any:
        return queries.questions_for(self.actor)

    @extend_schema(request=s.QuestionIn, responses={201: s.QuestionOut})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask about a tender until its time for questions is over."""
        self._must_supply()
        given = read(s.QuestionIn, request)
        ref = use_cases.ask_question(
            tender_ref=given["tender"],
            supplier_ref=self.actor.organisation,
            text=given["text"],
            by=self.actor.by,
            at=queries.instant_of_record(),
        )
        return self._made(ref)

    @extend_schema(request=s.AnswerIn, responses=s.QuestionOut)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, ref: str) -> Response:
        """Answer to all who may bid; staff only."""
        self._must_be_staff()
        return self._done(use_cases.answer_question, "question_ref", **read(s.AnswerIn, request))

    @extend_schema(request=s.ReasonIn, responses=s.QuestionOut)
    @action(detail=True, methods=["post"], url_path="set-aside")
    def set_aside(self, request: Request, ref: str) -> Response:
        """Leave it unanswered, with a reason for its asker; staff only."""
        self._must_be_staff()
        return self._done(use_cases.set_question_aside, "question_ref", **read(s.ReasonIn, request))


class Amendments(_OfTender):
    """What was amended of the tenders one may look at; proposals are for staff."""

    serializer_class = s.AmendmentOut

    def get_queryset(self) -> Any:
        return queries.amendments_for(self.actor)

    @extend_schema(request=s.AmendmentIn, responses={201: s.AmendmentOut})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Propose a change of a published tender; staff only."""
        self._must_be_staff()
        given = read(s.AmendmentIn, request)
        ref = use_cases.propose_amendment(tender_ref=given.pop("tender"), **given, by=self.actor.by, at=clock.now())
        return self._made(ref)

    @extend_schema(request=None, responses=s.AmendmentOut)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, ref: str) -> Response:
        """Publish what another person proposed; staff only."""
        self._must_be_staff()
        return self._done(use_cases.publish_amendment, "amendment_ref")

    @extend_schema(request=None, responses=s.AmendmentOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, ref: str) -> Response:
        """Drop a proposal; staff only."""
        self._must_be_staff()
        return self._done(use_cases.withdraw_amendment, "amendment_ref")


class Documents(_OfTender):
    """The papers of the tenders one may look at."""

    serializer_class = s.DocumentOut
    filterset_class = PaperFilter

    def get_queryset(self) -> Any:
        return queries.documents_for(self.actor)

    def get_parsers(self) -> list[Any]:
        return [parsers.MultiPartParser()]

    @extend_schema(request=PAPER, responses={201: s.DocumentOut})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put a paper into a draft; staff only."""
        self._must_be_staff()
        given, tender_ref = request.FILES.get("file"), request.POST.get("tender", "")
        if given is None or isinstance(given, list) or not tender_ref:
            raise ValidationError({"file": ["A file and its tender are needed."]})
        ref = use_cases.add_document(
            tender_ref=tender_ref,
            title=request.POST.get("title", ""),
            file_name=str(given.name),
            content=given.read(LARGEST + 1),
            by=self.actor.by,
            at=clock.now(),
        )
        return self._made(ref)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a paper out of a draft; staff only."""
        self._must_be_staff()
        document = self.get_object()
        use_cases.remove_document(document_ref=document.ref, by=self.actor.by, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiResponse(response=bytes)})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, ref: str) -> HttpResponse:
        """The paper's bytes, as they were put in."""
        return handed_out(self.get_object())


def handed_out(document: Any) -> HttpResponse:
    """Hand a paper out to be kept, never to be shown inside a page of ours."""
    answer = HttpResponse(queries.content_of(document), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{document.ref}.{document.kind}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


class Invitations(_OfTender):
    """One's own invitations; staff see all."""

    serializer_class = s.InvitationOut

    def get_queryset(self) -> Any:
        return queries.invitations_for(self.actor)

    @extend_schema(request=s.InvitationIn, responses={201: s.InvitationOut})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Invite a supplier that holds what the tender asks for; staff only."""
        self._must_be_staff()
        given = read(s.InvitationIn, request)
        ref = use_cases.invite_supplier(
            tender_ref=given["tender"], supplier_ref=given["supplier"], by=self.actor.by, at=clock.now()
        )
        return self._made(ref)

    @extend_schema(request=s.ReasonIn, responses=s.InvitationOut)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, ref: str) -> Response:
        """Decline one's own invitation, with a reason."""
        self._must_supply()
        if self.get_object().supplier.ref != self.actor.organisation:
            raise NotAllowed(why="only the invited declines")
        return self._done(use_cases.decline_invitation, "invitation_ref", **read(s.ReasonIn, request))

    @extend_schema(request=s.ReasonIn, responses=s.InvitationOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, ref: str) -> Response:
        """Take back the invitation to a draft; staff only."""
        self._must_be_staff()
        return self._done(use_cases.withdraw_invitation, "invitation_ref", **read(s.ReasonIn, request))

    @extend_schema(request=s.ScoreIn, responses={204: None})
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def scores(self, request: Request) -> Response:
        """Hand down what a scorecard says of a supplier today; staff only."""
        self._must_be_staff()
        given = read(s.ScoreIn, request)
        scores = {given["supplier"]: (given["score"], given["basis"])}
        use_cases.record_scores(scores=scores, by=self.actor.by, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Complaints(_OfTender):
    """One's own complaints about awards; staff see all."""

    serializer_class = s.ComplaintOut

    def get_queryset(self) -> Any:
        return queries.complaints_for(self.actor)

    @extend_schema(request=s.ComplaintIn, responses={201: s.ComplaintOut})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Object to the award of a tender one bid in, while it stands still."""
        self._must_supply()
        given = read(s.ComplaintIn, request)
        ref = use_cases.lodge_complaint(
            tender_ref=given["tender"],
            supplier_ref=self.actor.organisation,
            grounds=given["grounds"],
            by=self.actor.by,
            at=clock.now(),
        )
        return self._made(ref)

    @extend_schema(request=s.DecisionIn, responses=s.ComplaintOut)
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, ref: str) -> Response:
        """Propose how it is decided; staff only."""
        self._must_be_staff()
        return self._done(use_cases.propose_decision, "complaint_ref", **read(s.DecisionIn, request))

    @extend_schema(request=None, responses=s.ComplaintOut)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, ref: str) -> Response:
        """Decide as another person proposed; staff only."""
        self._must_be_staff()
        return self._done(use_cases.decide_complaint, "complaint_ref")

    @extend_schema(request=None, responses=s.ComplaintOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, ref: str) -> Response:
        """Take one's own complaint back."""
        self._must_supply()
        if self.get_object().complainant.ref != self.actor.organisation:
            raise NotAllowed(why="only the complainant takes it back")
        return self._done(use_cases.withdraw_complaint, "complaint_ref")


class BondFeed(Feed):
    """Paged by time: row numbers would tell how many bonds others lodged."""

    ordering = "-lodged_at"


class Bonds(_OfTender):
    """One's own bid bonds; staff see those of tenders that were opened."""

    serializer_class = s.BondOut
    pagination_class = BondFeed

    def get_queryset(self) -> Any:
        return queries.bonds_for(self.actor)

    @extend_schema(request=s.OfTenderIn, responses={201: s.BondOut})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Lodge the bid bond of a tender out of what one paid in for bonds."""
        self._must_supply()
        given = read(s.OfTenderIn, request)
        ref = use_cases.lodge_bond(
            tender_ref=given["tender"],
            supplier_ref=self.actor.organisation,
            by=self.actor.by,
            at=queries.instant_of_record(),
        )
        return self._made(ref)

    @extend_schema(request=None, responses=s.BondOut)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, ref: str) -> Response:
        """Let one's own bond go, while no bid stands on it."""
        self._must_supply()
        bond = self.get_object()
        use_cases.take_back_bond(
            tender_ref=bond.tender.ref,
            supplier_ref=self.actor.organisation,
            by=self.actor.by,
            at=queries.instant_of_record(),
        )
        bond.refresh_from_db()
        return Response(self.get_serializer(bond).data)
