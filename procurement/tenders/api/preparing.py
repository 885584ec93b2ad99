"""Drafting tenders over HTTP, the first time and again."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet, read
from marketplace.kernel import clock
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import BadValue, NotAllowed
from procurement.tenders import queries, use_cases
from procurement.tenders.serializers import RetenderIn, TenderDetail, TenderIn


def _bond(given: dict[str, Any] | None) -> Money | None:
    """Return the bid bond that is asked for.

    :raises BadValue: a currency that is none, or more decimals than its coins have.
    """
    try:
        return Money(given["amount"], given["currency"]) if given else None
    except ValueError as error:
        raise BadValue(place="bond", value=str(given), reason=str(error)) from None


class Preparing(TenantViewSet):
    """Staff draft tenders; another person publishes them."""

    @extend_schema(request=TenderIn, responses={201: TenderDetail})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Draft a tender on frozen pools; staff only."""
        self._must_draft()
        given = read(TenderIn, request)
        bond, wanted = given.pop("bond"), given.pop("conditions")
        stages = tuple(use_cases.Milestone(**one) for one in wanted.pop("milestones", ()))
        ref = use_cases.prepare_tender(
            **given,
            bond=_bond(bond),
            conditions=use_cases.Conditions(
                **{**wanted, "papers": tuple(wanted.get("papers", ())), "milestones": stages}
            ),
            by=self.actor.by,
            at=clock.now(),
        )
        return self._drafted(ref)

    @extend_schema(request=RetenderIn, responses={201: TenderDetail})
    @action(detail=True, methods=["post"])
    def retender(self, request: Request, ref: str) -> Response:
        """Draft another tender on the pools that this one left waiting; staff only."""
        self._must_draft()
        given = read(RetenderIn, request)
        return self._drafted(
            use_cases.retender(tender_ref=self.get_object().ref, **given, by=self.actor.by, at=clock.now())
        )

    def _must_draft(self) -> None:
        if not self.actor.staff:
            raise NotAllowed(why="staff only")

    def _drafted(self, ref: str) -> Response:
        view = queries.with_lots(self.get_queryset().get(ref=ref))
        body = TenderDetail(view, context=self.get_serializer_context()).data
        return Response(body, status=status.HTTP_201_CREATED)
