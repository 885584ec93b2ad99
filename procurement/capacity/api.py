"""Factories and their work over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet
from marketplace.kernel import clock
from procurement.capacity import queries, use_cases


class FactoryOut(serializers.Serializer[Any]):
    """A factory of the actor's organisation."""

    ref = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField()


class WorkOut(serializers.Serializer[Any]):
    """Work that a factory has to do."""

    ref = serializers.CharField()
    state = serializers.CharField()
    revision = serializers.IntegerField()
    factory = serializers.CharField(source="factory.ref")
    order = serializers.CharField(source="order_line.order.ref")
    product = serializers.CharField(source="order_line.product.code")
    quantity = serializers.DecimalField(max_digits=19, decimal_places=6)
    unmet = serializers.DecimalField(max_digits=19, decimal_places=6)
    due_on = serializers.DateField()
    late_days = serializers.IntegerField()
    why = serializers.JSONField()
    verbs = serializers.ListField(child=serializers.CharField())


class MilestoneIn(serializers.Serializer[Any]):
    milestone = serializers.ChoiceField(choices=queries.MILESTONES)


class Factories(TenantViewSet):
    """The actor's factories."""

    serializer_class = FactoryOut
    filterset_fields = {"region": ["exact"]}

    def get_queryset(self) -> Any:
        return queries.factories_for(self.actor)


class Work(TenantViewSet):
    """The work orders of the actor's factories."""

    serializer_class = WorkOut
    filterset_fields = {"state": ["exact", "in"], "due_on": ["gte", "lt"]}

    def get_queryset(self) -> Any:
        return queries.work_for(self.actor)

    @extend_schema(request=MilestoneIn, responses=WorkOut)
    @action(detail=True, methods=["post"])
    def reach(self, request: Request, ref: str) -> Response:
        """Say that the next milestone is reached."""
        wish = MilestoneIn(data=request.data)
        wish.is_valid(raise_exception=True)
        self.actor.must("factory")
        self.actor.must("planner")
        work = self.get_object()
        self.must_match(work.revision)
        use_cases.reach_milestone(work_ref=work.ref, by=self.actor.by, at=clock.now(), **wish.validated_data)
        return Response(WorkOut(self.get_object()).data)
