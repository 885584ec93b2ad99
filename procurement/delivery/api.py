"""Shipments and receipts over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import KeyedWrites, TenantViewSet, actor_of
from marketplace.kernel import clock
from marketplace.kernel.refusals import NotAllowed, NotFound
from procurement.contracts import queries as contracts
from procurement.delivery import queries, use_cases
from procurement.delivery.serializers import (
    ArriveIn,
    ConfirmIn,
    DispatchIn,
    ReceiptOut,
    ShipmentOut,
    SupplierInvoiceIn,
    SupplierInvoiceOut,
    by_line,
)

SUPPLIER_TERMS = timedelta(days=60)  # within which a small supplier is paid


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
        self.actor.must("supplier")
        self.actor.must("sales")
        lines = wish.validated_data.get("lines")
        ref = use_cases.dispatch_shipment(
            order_ref=order.ref,
            quantities=None if lines is None else by_line(lines),
            tracking=wish.validated_data["tracking"],
            by=self.actor.by,
            at=clock.now(),
        )
        return Response(ShipmentOut(self.get_queryset().get(ref=ref)).data, status=201)

    @extend_schema(request=ArriveIn, responses=ShipmentOut)
    @action(detail=True, methods=["post"])
    def arrive(self, request: Request, ref: str) -> Response:
        """Count what came at the hub, by order line; a line not named came whole. Staff only."""
        if not self.actor.staff:
            raise NotAllowed(why="the hub's staff counts what comes")
        wish = ArriveIn(data=request.data)
        wish.is_valid(raise_exception=True)
        shipment = self.get_object()
        self.must_match(shipment.revision)
        counted = by_line(wish.validated_data["counted"])
        use_cases.arrive_shipment(shipment_ref=shipment.ref, counted=counted, by=self.actor.by, at=clock.now())
        return Response(ShipmentOut(self.get_object()).data)


class OrderInvoices(KeyedWrites, viewsets.ViewSet):
    """The supplier's door for its invoice of a received order."""

    @extend_schema(request=SupplierInvoiceIn, responses={201: SupplierInvoiceOut})
    def create(self, request: Request) -> Response:
        """Invoice what was accepted of an order at its prices; issued today, due by the order's terms."""
        wish = SupplierInvoiceIn(data=request.data)
        wish.is_valid(raise_exception=True)
        actor, at = actor_of(request), clock.now()
        order = contracts.orders_for(actor).filter(ref=wish.validated_data["order"]).first()
        if order is None or order.supplier.ref != actor.organisation:
            raise NotFound(what="order", ref=wish.validated_data["order"])
        actor.must("supplier")
        actor.must("finance")
        today = clock.business_date(at)
        ref = use_cases.submit_supplier_invoice(
            order_ref=order.ref,
            number=wish.validated_data["number"],
            issued_on=today,
            due_on=today + SUPPLIER_TERMS,
            by=actor.by,
            at=at,
        )
        return Response(SupplierInvoiceOut({"ref": ref}).data, status=201)


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
        self.actor.must("buyer")
        self.must_match(receipt.revision)
        use_cases.confirm_receipt(
            receipt_ref=receipt.ref,
            rejected=by_line(wish.validated_data["rejected"]),
            why=wish.validated_data["why"],
            by=self.actor.by,
            at=clock.now(),
        )
        return Response(ReceiptOut(self.get_object()).data)
