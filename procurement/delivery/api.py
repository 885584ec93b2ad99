"""Shipments and receipts over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet
from marketplace.kernel import clock
from marketplace.kernel.refusals import NotAllowed, NotFound
from procurement.contracts import queries as contracts
from procurement.delivery import queries, use_cases
from procurement.delivery.serializers import ConfirmIn, DispatchIn, ReceiptOut, ShipmentOut


class Shipments(TenantViewSet):
    """Shipments the actor sends or has a share in."""

    serializer_class = ShipmentOut
    filterset_fields = {"state": ["exact", "in"], "order__ref": ["exact"]}

    def get_queryset(self) -> Any:
        return queries.shipments_for(self.actor)

    @extend_schema(request=DispatchIn, responses={201: ShipmentOut})
    def create(self, request: Request) -> Response:
        """Send part or all of an order."""
        wish = DispatchIn(data=request.data)
        wish.is_valid(raise_exception=True)
        order = contracts.orders_for(self.actor).filter(ref=wish.validated_data["order"]).first()
        if order is None:
            raise NotFound(what="order", ref=wish.validated_data["order"])
        if order.supplier.ref != self.actor.organisation:
            raise NotAllowed(why="only the supplier of the order may ship it")
        lines = wish.validated_data.get("lines")
        ref = use_cases.dispatch_shipment(
            order_ref=order.ref,
            quantities={line["id"]: line["quantity"] for line in lines} if lines else None,
            tracking=wish.validated_data["tracking"],
            by=self.actor.by,
            at=clock.now(),
        )
        return Response(ShipmentOut(self.get_queryset().get(ref=ref)).data, status=201)


class Receipts(TenantViewSet):
    """The actor's own receipts."""

    serializer_class = ReceiptOut
    filterset_fields = {"state": ["exact", "in"]}

    def get_queryset(self) -> Any:
        return queries.receipts_for(self.actor)

    @extend_schema(request=ConfirmIn, responses=ReceiptOut)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, ref: str) -> Response:
        """Accept the share, less what is rejected."""
        wish = ConfirmIn(data=request.data)
        wish.is_valid(raise_exception=True)
        receipt = self.get_object()
        if receipt.buyer.ref != self.actor.organisation:
            raise NotAllowed(why="only the buyer whose share it is may confirm it")
        self.must_match(receipt.revision)
        use_cases.confirm_receipt(
            receipt_ref=receipt.ref,
            rejected={line["id"]: line["quantity"] for line in wish.validated_data["rejected"]},
            why=wish.validated_data["why"],
            by=self.actor.by,
            at=clock.now(),
        )
        return Response(ReceiptOut(self.get_object()).data)
