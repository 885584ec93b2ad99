"""Orders over the API."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import parsers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet, read
from marketplace.foundation.attachments import LARGEST
from marketplace.foundation.parsers import StrictJSONParser
from marketplace.foundation.pdf import write_pdf
from marketplace.kernel import clock
from marketplace.kernel.refusals import NotAllowed, NotFound
from procurement.contracts import queries, use_cases
from procurement.contracts import serializers as s
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
                        "deliveries": line.due if sees_all else None,
                        "due_on": line.due[-1].due_on,
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

    @extend_schema(responses=s.MessageOut(many=True), request=s.MessageIn)
    @action(detail=True, methods=["get", "post"], pagination_class=None, filterset_fields=None)
    def messages(self, request: Request, ref: str) -> Response:
        """Read what was written on the order, or write; a buyer's messages are to the supplier and staff alone."""
        order, party = self._party()
        if request.method == "POST":
            given = read(s.MessageIn, request)
            use_cases.write_message(
                order_ref=order,
                party_ref=party,
                text=given["text"],
                buyer_ref=given["buyer"],
                by=self.actor.by,
                at=clock.now(),
            )
        rows = queries.messages_for(self._reader(party), order)
        shown = s.MessageOut(rows, many=True, context={"request": request})
        return Response(shown.data, status=201 if request.method == "POST" else 200)

    @extend_schema(responses=s.PaperOut(many=True), request=s.PaperIn)
    @action(
        detail=True,
        methods=["get", "post"],
        pagination_class=None,
        filterset_fields=None,
        parser_classes=[parsers.MultiPartParser, StrictJSONParser],
    )
    def papers(self, request: Request, ref: str) -> Response:
        """List the order's documents, or add one: PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT of 5 MiB at most."""
        order, party = self._party()
        if request.method == "POST":
            given = read(s.PaperIn, request)
            name, content = _upload(given)
            use_cases.add_paper(
                order_ref=order,
                party_ref=party,
                file_name=name,
                content=content,
                buyer_ref=given["buyer"],
                by=self.actor.by,
                at=clock.now(),
            )
        rows = queries.papers_for(self._reader(party), order)
        shown = s.PaperOut(rows, many=True, context={"request": request})
        return Response(shown.data, status=201 if request.method == "POST" else 200)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, url_path=r"papers/(?P<id>[0-9]{1,9})", pagination_class=None, filterset_fields=None)
    def paper(self, request: Request, ref: str, id: str) -> HttpResponse:
        """One document's bytes."""
        order, party = self._party()
        row = queries.papers_for(self._reader(party), order).filter(pk=int(id)).first()
        if row is None:
            raise NotFound(what="document", ref=id)
        return _file(bytes(row.content), row.media_type, f"paper-{row.pk}")

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, pagination_class=None, filterset_fields=None)
    def pdf(self, request: Request, ref: str) -> HttpResponse:
        """The order as a PDF; a buyer's shows its own shares alone."""
        order, party = self._party()
        content = write_pdf(queries.order_sheet(self._reader(party), order))
        return _file(content, "application/pdf", f"{order}.pdf")

    def _party(self) -> tuple[str, str]:
        """Return the order's ref, and for whom the asker speaks on it ('' for staff)."""
        order = str(self.get_object().ref)
        return order, queries.party_of(self.actor, order) or ""

    def _reader(self, party: str) -> Any:
        return self.member if party else self.actor


def _upload(given: dict[str, Any]) -> tuple[str, bytes]:
    """Return an uploaded document's name and bytes.

    :raises ValidationError: there is none, or its text is no base64.
    """
    file, content = given.get("file"), given.get("content")
    if (file is None) == (content is None):
        raise ValidationError({"file": ["Send either a file, or its content in base64."]})
    if file is not None:
        return str(file.name), file.read(LARGEST + 1)
    if not given.get("file_name"):
        raise ValidationError({"file_name": ["Name the document."]})
    try:
        return given["file_name"], base64.b64decode(str(content), validate=True)
    except (binascii.Error, ValueError):
        raise ValidationError({"content": ["This is not base64."]}) from None


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=media_type, headers=headers)
