"""The tender's own workbook over HTTP: down to be filled in, up to be sealed, in memory alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from procurement.tenders import queries, use_cases
from procurement.tenders.rules.bid_workbook import LARGEST
from procurement.tenders.serializers import BidOut

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WorkbookParser(BaseParser):
    """A workbook's bytes, no more than a bid's workbook may have."""

    media_type = KIND

    @sensitive_variables()
    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ParseError(f"The workbook is larger than {LARGEST} bytes.")
        return content


class WorkbookDoors:
    """What tenders answer about their workbook; part of `Tenders`."""

    @extend_schema(responses={(200, KIND): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def workbook(self: Any, request: Request, ref: str) -> HttpResponse:
        """The tender's own workbook, to be filled in."""
        answer = HttpResponse(queries.bid_form(self.get_object()), content_type=KIND)
        answer["Content-Disposition"] = f'attachment; filename="{ref}.xlsx"'
        return answer

    @extend_schema(request={KIND: OpenApiTypes.BINARY}, responses={201: BidOut})
    @action(detail=True, methods=["post"], url_path="bid-workbook", parser_classes=[WorkbookParser])
    @sensitive_variables()
    def bid_workbook(self: Any, request: Request, ref: str) -> Response:
        """Seal what the filled-in workbook says, replacing an earlier bid; answers with the signed receipt."""
        self._must_supply()
        self.get_object()
        use_cases.seal_workbook(
            tender_ref=ref,
            supplier_ref=self.actor.organisation,
            content=request.data if isinstance(request.data, bytes) else b"",
            by=self.actor.by,
            at=queries.instant_of_record(),
        )
        mine = queries.bids_for(self.actor).get(tender__ref=ref)
        return Response(BidOut(mine, context=self.get_serializer_context()).data, status=status.HTTP_201_CREATED)
