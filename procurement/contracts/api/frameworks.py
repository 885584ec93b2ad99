"""Frameworks over the API: staff offer and call off, the supplier answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet, WhySerializer, read
from marketplace.kernel import clock
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotAllowed
from marketplace.kernel.words import gettext_noop
from procurement.contracts import queries, use_cases
from procurement.contracts import serializers as s
from procurement.contracts.rules import PriceStep


class Frameworks(TenantViewSet):
    """Frameworks the actor is bound by, or may be served from."""

    serializer_class = s.FrameworkOut
    filterset_fields = {"state": ["exact", "in"], "product__ref": ["exact"]}

    def get_queryset(self) -> Any:
        return queries.frameworks_for(self.actor)

    @extend_schema(request=s.FrameworkIn, responses={201: s.FrameworkOut})
    def create(self, request: Request) -> Response:
        """Offer a framework to a supplier. Staff only."""
        self._must_be_staff()
        given = read(s.FrameworkIn, request)
        ref = use_cases.offer_framework(
            supplier_ref=given["supplier"],
            product_ref=given["product"],
            title=given["title"],
            terms=use_cases.Terms(
                steps=[PriceStep(step["from_quantity"], step["unit_price"]) for step in given["steps"]],
                currency=given["currency"],
                starts_on=given["starts_on"],
                ends_on=given["ends_on"],
                unit_freight=given["unit_freight"],
                lead_days=given["lead_days"],
                ceiling=given["ceiling"],
                ceiling_money=_money(given),
            ),
            by=self.actor.by,
            at=clock.now(),
        )
        return Response(self.get_serializer(self.get_queryset().get(ref=ref)).data, status=201)

    @extend_schema(request=None, responses=s.FrameworkOut)
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, ref: str) -> Response:
        """Agree to the framework, as its supplier."""
        use_cases.agree_framework(framework_ref=self._as_supplier(), by=self.actor.by, at=clock.now())
        return self._now()

    @extend_schema(request=s.DeclineIn, responses=s.FrameworkOut)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, ref: str) -> Response:
        """Turn the framework down, with a reason."""
        why, mine = read(s.DeclineIn, request)["why"], self._as_supplier()
        use_cases.decline_framework(framework_ref=mine, why=why, by=self.actor.by, at=clock.now())
        return self._now()

    @extend_schema(request=WhySerializer, responses=s.FrameworkOut)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, ref: str) -> Response:
        """Refuse call-offs until it is resumed. Staff only."""
        self._must_be_staff()
        return self.take(use_cases.suspend_framework, "framework_ref")

    @extend_schema(request=WhySerializer, responses=s.FrameworkOut)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, ref: str) -> Response:
        """Allow call-offs again. Staff only."""
        self._must_be_staff()
        return self.take(use_cases.resume_framework, "framework_ref")

    @extend_schema(request=WhySerializer, responses=s.FrameworkOut)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, ref: str) -> Response:
        """End it for good. Staff only."""
        self._must_be_staff()
        return self.take(use_cases.end_framework, "framework_ref")

    @extend_schema(request=s.CallOffIn, responses={201: s.CallOffOut})
    @action(detail=True, methods=["post"], url_path="call-off")
    def call_off(self, request: Request, ref: str) -> Response:
        """Serve a frozen pool from the framework. Staff only."""
        self._must_be_staff()
        row, given = self.get_object(), read(s.CallOffIn, request)
        self.must_match(row.revision)
        called = use_cases.call_off(framework_ref=row.ref, pool_ref=given["pool"], by=self.actor.by, at=clock.now())
        return Response(self._called(queries.call_offs_for(self.actor, row).filter(ref=called))[0], status=201)

    @extend_schema(responses=s.CallOffOut(many=True))
    @action(detail=True, url_path="call-offs", pagination_class=None, filterset_fields=None)
    def call_offs(self, request: Request, ref: str) -> Response:
        """What was called off it: all for its supplier and staff, a buyer sees what its pools were served."""
        return Response(self._called(queries.call_offs_for(self.actor, self.get_object())[:500]))

    def _called(self, rows: Any) -> list[Any]:
        found = list(rows)
        orders = queries.orders_of_call_offs([row.ref for row in found])
        return list(s.CallOffOut(found, many=True, context={"orders": orders}).data)

    def _now(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    def _must_be_staff(self) -> None:
        if not self.actor.staff:
            raise NotAllowed(why=gettext_noop("the platform's staff does this"))

    def _as_supplier(self) -> str:
        row = self.get_object()
        if row.supplier.ref != self.actor.organisation:
            raise NotAllowed(why=gettext_noop("only the supplier of the framework may"))
        self.actor.must("sales")
        self.must_match(row.revision)
        return str(row.ref)


def _money(given: dict[str, Any]) -> Money | None:
    if given["ceiling_money"] is None:
        return None
    try:
        return Money(given["ceiling_money"], given["currency"])
    except ValueError as error:
        raise ValidationError({"ceiling_money": [str(error)]}) from None
