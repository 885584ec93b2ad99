"""Credit at the API's door: suppliers offer their claims, financiers take them over."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.credit import queries, use_cases
from finance.credit import serializers as s
from finance.credit.filters import DrawdownFilter, FacilityFilter, ReceivableFilter
from marketplace.foundation.api import TenantViewSet, WhySerializer, read
from marketplace.kernel import clock
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotAllowed


class FacilityViewSet(TenantViewSet):
    """The facilities that the asker's organisation gives; staff see all."""

    serializer_class = s.FacilitySerializer
    filterset_class = FacilityFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.facilities_for(self.actor)

    @extend_schema(request=s.NewFacilitySerializer, responses={201: s.FacilitySerializer})
    def create(self, request: Request) -> Response:
        """A financier's approver sets a limit for what the platform undertakes to pay."""
        given = read(s.NewFacilitySerializer, request)
        self._must_approve("financier")
        limit = Money.from_minor(given.pop("limit_minor"), given.pop("currency"))
        ref = use_cases.open_facility(
            financier_ref=self.actor.organisation, limit=limit, by=self.actor.by, at=clock.now(), **given
        )
        return Response(self.get_serializer(self.get_queryset().get(ref=ref)).data, status=201)

    @extend_schema(responses=s.ExposureSerializer(many=True))
    @action(detail=False, pagination_class=None, filterset_class=None)
    def exposure(self, request: Request) -> Response:
        """What each facility has outstanding, is asked for, and has earned."""
        return Response(s.ExposureSerializer(queries.exposure_for(self.actor), many=True).data)

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, ref: str) -> Response:
        """Take no new drawdowns; what is outstanding stays."""
        self._must_approve("financier")
        return self.take(use_cases.suspend_facility, "facility_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, ref: str) -> Response:
        """Take drawdowns again."""
        self._must_approve("financier")
        return self.take(use_cases.resume_facility, "facility_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, ref: str) -> Response:
        """Close a facility that nothing is outstanding under."""
        self._must_approve("financier")
        return self.take(use_cases.close_facility, "facility_ref")

    def _must_approve(self, role: str) -> None:
        self.actor.must(role)
        self.actor.must("approver")


class ReceivableViewSet(TenantViewSet):
    """The claims that the asker's organisation may have financed."""

    serializer_class = s.ReceivableSerializer
    filterset_class = ReceivableFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.receivables_for(self.actor)

    @extend_schema(request=s.OfferSerializer, responses={201: s.DrawdownSerializer})
    @action(detail=True, methods=["post"])
    def offer(self, request: Request, ref: str) -> Response:
        """The supplier's finance asks to be paid early."""
        given, receivable = read(s.OfferSerializer, request), self.get_object()
        self.must_match(receivable.revision)
        self.actor.must("finance")
        drawdown = use_cases.request_funding(
            supplier_invoice_ref=receivable.source_ref,
            facility_ref=given["facility"],
            by=self.actor.by,
            at=clock.now(),
        )
        row = queries.drawdowns_for(self.actor).get(ref=drawdown)
        return Response(s.DrawdownSerializer(row).data, status=201)


class DrawdownViewSet(TenantViewSet):
    """Drawdowns that the asker's organisation asked for or finances; staff see all."""

    serializer_class = s.DrawdownSerializer
    filterset_class = DrawdownFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.drawdowns_for(self.actor)

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, ref: str) -> Response:
        """The financier takes the claim over."""
        self._must_be_financier()
        return self.take(use_cases.approve_drawdown, "drawdown_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, ref: str) -> Response:
        """The financier turns the request down."""
        self._must_be_financier()
        return self.take(use_cases.refuse_drawdown, "drawdown_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, ref: str) -> Response:
        """The supplier takes the request back."""
        if self.get_object().receivable.creditor.ref != self.actor.organisation:
            raise NotAllowed(why="only the supplier who asked may")
        self.actor.must("finance")
        return self.take(use_cases.withdraw_request, "drawdown_ref")

    def _must_be_financier(self) -> None:
        if self.get_object().facility.financier.ref != self.actor.organisation:
            raise NotAllowed(why="only the financier of the facility may")
        self.actor.must("finance")
