"""Settlement at the API's door: each side reads what is due, staff see runs with their steps."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response

from finance.settlement import queries, use_cases
from finance.settlement import serializers as s
from finance.settlement.filters import ObligationFilter, RunFilter, StepFilter
from marketplace.foundation.api import TenantViewSet, WhySerializer, read
from marketplace.kernel import clock


class ObligationViewSet(TenantViewSet):
    """What the asker's organisation owes us or is owed; staff see all."""

    serializer_class = s.ObligationSerializer
    filterset_class = ObligationFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.obligations_for(self.actor)


class SettlementRunViewSet(TenantViewSet):
    """Runs, for staff."""

    serializer_class = s.RunSerializer
    filterset_class = RunFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.runs_for(self.actor)

    @extend_schema(request=s.PlanSerializer, responses={201: s.RunSerializer})
    @action(detail=False, methods=["post"], permission_classes=[IsAdminUser])
    def plan(self, request: Request) -> Response:
        """Staff have the run of a date planned; workers take its steps."""
        given = read(s.PlanSerializer, request)
        ref = use_cases.plan_run(business_date=given["business_date"], by=self.actor.by, at=clock.now())
        return Response(self.get_serializer(self.get_queryset().get(ref=ref)).data, status=201)

    @extend_schema(responses=s.ProgressSerializer)
    @action(detail=True)
    def progress(self, request: Request, ref: str) -> Response:
        """How far a run has come."""
        return Response(s.ProgressSerializer(queries.progress(self.get_object().ref)).data)


class SettlementStepViewSet(TenantViewSet):
    """Steps of runs, for staff."""

    serializer_class = s.StepSerializer
    filterset_class = StepFilter
    lookup_value_regex = r"[A-Z]{2}-[0-9]{4}-[0-9]+(?:\.[0-9]+)?"

    def get_queryset(self) -> QuerySet[Any]:
        return queries.steps_for(self.actor)

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAdminUser])
    def retry(self, request: Request, ref: str) -> Response:
        """Staff have a failed step tried again."""
        return self.take(use_cases.retry_step, "step_ref")
