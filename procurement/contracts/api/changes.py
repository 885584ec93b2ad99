"""Changes of orders over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet, read
from marketplace.kernel import clock
from marketplace.kernel.refusals import NotAllowed, NotFound
from marketplace.kernel.words import gettext_noop
from procurement.contracts import queries, use_cases
from procurement.contracts import serializers as s
from procurement.contracts.rules import Delivery


class Changes(TenantViewSet):
    """Changes of orders that touch the actor: what is proposed, and whose word is missing."""

    serializer_class = s.OrderChangeOut
    filterset_fields = {"state": ["exact", "in"], "order__ref": ["exact"]}

    def get_queryset(self) -> Any:
        return queries.changes_for(self.actor)

    @extend_schema(request=s.OrderChangeIn, responses={201: s.OrderChangeOut})
    def create(self, request: Request) -> Response:
        """Propose other quantities, prices or days of an order, or to give it up."""
        given = read(s.OrderChangeIn, request)
        ref = use_cases.propose_change(
            order_ref=given["order"],
            party_ref=self._speaking(given["order"]),
            wishes=[_wish(line) for line in given["lines"]],
            cancels=given["cancels"],
            why=given["why"],
            order_revision=given["order_revision"],
            by=self.actor.by,
            at=clock.now(),
        )
        return Response(self.get_serializer(self.get_queryset().get(ref=ref)).data, status=201)

    @extend_schema(request=None, responses=s.OrderChangeOut)
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, ref: str) -> Response:
        """Give your word; when it was the last one missing, the change holds."""
        use_cases.agree_change(**self._said())
        return self._now()

    @extend_schema(request=s.DeclineIn, responses=s.OrderChangeOut)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, ref: str) -> Response:
        """Refuse the change, with a reason."""
        why = read(s.DeclineIn, request)["why"]
        use_cases.decline_change(why=why, **self._said())
        return self._now()

    @extend_schema(request=None, responses=s.OrderChangeOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, ref: str) -> Response:
        """Take your proposal back."""
        use_cases.withdraw_change(**self._said())
        return self._now()

    def _said(self) -> dict[str, Any]:
        change = self.get_object()
        self.must_match(change.revision)
        party = self._speaking(change.order.ref)
        return {"change_ref": change.ref, "party_ref": party, "by": self.actor.by, "at": clock.now()}

    def _now(self) -> Response:
        row = self.get_object()
        return Response(self.get_serializer(row).data, headers={"ETag": f'"{row.revision}"'})

    def _speaking(self, order_ref: str) -> str:
        """Return for whom the asker speaks: its firm by its sales or an approver, '' for staff."""
        party = queries.party_of(self.actor, order_ref)
        if party is None:
            raise NotFound(what="order", ref=order_ref)
        if party and not self.actor.roles & {"sales", "approver"}:
            raise NotAllowed(why=gettext_noop("needs the role sales, or approver"))
        return party


def _wish(line: dict[str, Any]) -> use_cases.Wish:
    days = line["deliveries"]
    deliveries = None if days is None else tuple(Delivery(one["due_on"], one["quantity"]) for one in days)
    return use_cases.Wish(line["id"], line["quantity"], line["unit_price"], deliveries)
