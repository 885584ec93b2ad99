"""Orders over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet
from marketplace.kernel import clock
from marketplace.kernel.refusals import NotAllowed
from procurement.contracts import queries, use_cases
from procurement.contracts.serializers import DeclineIn, OrderLineOut, OrderOut


class Orders(TenantViewSet):
    """Orders the actor supplies or has a share in."""

    serializer_class = OrderOut
    filterset_fields = {"state": ["exact", "in"], "tender_ref": ["exact"], "due_on": ["gte", "lt"]}

    def get_queryset(self) -> Any:
        return queries.orders_for(self.actor)

    @extend_schema(responses=OrderLineOut(many=True))
    @action(detail=True, pagination_class=None, filterset_fields=None)
    def lines(self, request: Request, ref: str) -> Response:
        """The order's lines; a buyer sees its own shares, the supplier and staff see all."""
        order = self.get_object()
        sees_all = self.actor.staff or order.supplier.ref == self.actor.organisation
        rows = []
        for line in queries.order(order.ref).lines:
            shares = [
                {"buyer": member.buyer_ref, "quantity": member.quantity, "delivered": member.delivered}
                for member in line.members
                if sees_all or member.buyer_ref == self.actor.organisation
            ]
            if shares:
                rows.append(
                    {
                        "id": line.id,
                        "pool": line.pool_ref,
                        "product": line.product_id,
                        "region": line.region,
                        "quantity": line.quantity,
                        "shipped": line.shipped,
                        "delivered": line.delivered,
                        "unit_price": line.unit_price.amount,
                        "unit_freight": line.unit_freight.amount,
                        "shares": shares,
                    }
                )
        return Response(OrderLineOut(rows, many=True).data)

    def _as_supplier(self) -> str:
        order = self.get_object()
        if order.supplier.ref != self.actor.organisation:
            raise NotAllowed(why="only the supplier of the order may")
        self.actor.must("supplier")
        self.actor.must("sales")
        self.must_match(order.revision)
        return str(order.ref)

    @extend_schema(request=None, responses=OrderOut)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, ref: str) -> Response:
        """Take the order on."""
        use_cases.acknowledge_order(order_ref=self._as_supplier(), by=self.actor.by, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=DeclineIn, responses=OrderOut)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, ref: str) -> Response:
        """Turn the order down, with a reason."""
        wish = DeclineIn(data=request.data)
        wish.is_valid(raise_exception=True)
        use_cases.decline_order(
            order_ref=self._as_supplier(), why=wish.validated_data["why"], by=self.actor.by, at=clock.now()
        )
        return Response(self.get_serializer(self.get_object()).data)
