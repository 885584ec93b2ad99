"""Opened offers side by side, awards against the engine, and what limits cost, over HTTP."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet, WhySerializer, read
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import NotAllowed
from procurement.tenders import queries, use_cases
from procurement.tenders.serializers.comparing import ComparisonOut, LimitPriceOut, OverrideIn, OverrideOut

SECONDS = 20.0


def _must_be_staff(actor: Actor) -> None:
    if not actor.staff:
        raise NotAllowed(why="staff only")


class ComparingDoors:
    """What tenders answer once they are opened; part of `Tenders`."""

    @extend_schema(responses=ComparisonOut)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def comparison(self: Any, request: Request, ref: str) -> Response:
        """All offers, lot by lot, the best first: for staff from opening on, for buyers once it is awarded."""
        tender = get_object_or_404(queries.comparable_for(self.actor), ref=ref)
        return Response(ComparisonOut(queries.comparison(tender)).data)

    @extend_schema(request=OverrideIn, responses={201: OverrideOut})
    @action(detail=True, methods=["post"], url_path="ask-to-override")
    def ask_to_override(self: Any, request: Request, ref: str) -> Response:
        """Ask that an opened tender be awarded otherwise; answers with what it costs; staff only."""
        self.must_match(self.get_object().revision)
        _must_be_staff(self.actor)
        said = read(OverrideIn, request)
        wish = use_cases.ask_to_override(
            tender_ref=ref,
            wishes={"without": said["without"], "only": said["only"]},
            why=said["why"],
            seconds=SECONDS,
            by=self.actor.by,
            at=clock.now(),
        )
        row = queries.overrides_for(self.actor).get(ref=wish)
        return Response(OverrideOut(row).data, status=status.HTTP_201_CREATED)


class LimitDoors:
    """What awards answer about the limits they were made under; part of `Awards`."""

    @extend_schema(request=None, responses=LimitPriceOut(many=True))
    @action(detail=True, methods=["post"], url_path="price-limits", pagination_class=None, filterset_class=None)
    def price_limits(self: Any, request: Request, ref: str) -> Response:
        """Decide the award again without each of its limits and say what that would save; staff only."""
        award = self.get_object()
        _must_be_staff(self.actor)
        found = use_cases.price_constraints(award_ref=award.ref, seconds=SECONDS, by=self.actor.by, at=clock.now())
        return Response(LimitPriceOut(found, many=True).data)


class Overrides(TenantViewSet):
    """Wishes to award against the engine: staff see all, buyers those that were followed on their pools."""

    serializer_class = OverrideOut

    def get_queryset(self) -> Any:
        return queries.overrides_for(self.actor)

    @extend_schema(request=None, responses=OverrideOut)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, ref: str) -> Response:
        """Award as another person asked; staff only."""
        return self._decided(use_cases.approve_override, seconds=SECONDS)

    @extend_schema(request=WhySerializer, responses=OverrideOut)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, ref: str) -> Response:
        """Turn a wish down, or take back one's own; staff only."""
        return self._decided(use_cases.refuse_override, **read(WhySerializer, request))

    def _decided(self, deed: Any, **more: Any) -> Response:
        wish = self.get_object()
        self.must_match(wish.revision)
        _must_be_staff(self.actor)
        deed(override_ref=wish.ref, by=self.actor.by, at=clock.now(), **more)
        wish.refresh_from_db()
        return Response(OverrideOut(wish).data, headers={"ETag": f'"{wish.revision}"'})
