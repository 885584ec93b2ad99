"""Tenders, one's own bids, and awards over HTTP. The body of a bid is parsed and sealed in memory, and kept nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

from django.conf import settings
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

from marketplace.foundation.api import Feed, TenantViewSet, WhySerializer, read
from marketplace.foundation.pdf import write_pdf
from marketplace.kernel import clock
from marketplace.kernel.refusals import NotAllowed
from procurement.tenders import queries, use_cases
from procurement.tenders.api.comparing import ComparingDoors, LimitDoors
from procurement.tenders.api.preparing import Preparing
from procurement.tenders.api.workbooks import WorkbookDoors
from procurement.tenders.filters import AwardFilter, BidFilter, TenderFilter
from procurement.tenders.rules import SUPPLYING
from procurement.tenders.rules.sealing import blind
from procurement.tenders.serializers import (
    AwardDetail,
    AwardOut,
    BidOut,
    OfferIn,
    ReceiptKeyOut,
    TenderDetail,
    TenderOut,
)
from procurement.tenders.serializers.opening import InclusionOut

SECONDS_TO_AWARD = 20.0


class OfferParser(BaseParser):
    """JSON in which nothing can be read two ways: no key twice, no NaN; numbers keep all their digits."""

    media_type = "application/json"

    @sensitive_variables()
    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return json.loads(
                stream.read().decode(),
                parse_float=Decimal,
                parse_constant=_no_number,
                object_pairs_hook=_each_key_once,
            )
        except (ValueError, RecursionError):
            raise ParseError("The offer is no plain JSON.") from None


def _no_number(name: str) -> None:
    raise ValueError(name)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


class _Timed(TenantViewSet):
    """Serializers are told who asks and when, for the verbs open to them."""

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "actor": self.actor, "at": clock.now()}


class Tenders(Preparing, WorkbookDoors, ComparingDoors, _Timed):
    """Tenders one may bid in, bid in, or whose pools one stands in."""

    serializer_class = TenderOut
    filterset_class = TenderFilter

    def get_queryset(self) -> Any:
        return queries.tenders_for(self.actor)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Keep no plain digest of a bid: it could be tried against every likely price."""
        if getattr(self, "_key", ""):
            self._body_sha256 = blind(str(settings.BID_KEY_SECRET).encode(), self._body_sha256)
        super().initial(request, *args, **kwargs)

    @extend_schema(responses=TenderDetail)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._detail()

    def _detail(self) -> Response:
        tender = self.get_object()
        view = queries.with_lots(tender)
        body = TenderDetail(view, context=self.get_serializer_context()).data
        return Response(body, headers={"ETag": f'"{tender.revision}"'})

    @extend_schema(request=OfferIn, responses={201: BidOut})
    @action(detail=True, methods=["post"], parser_classes=[OfferParser])
    @sensitive_variables()
    def bid(self, request: Request, ref: str) -> Response:
        """Seal an offer, replacing an earlier one; answers with the signed receipt."""
        self._must_supply()
        use_cases.seal_bid(
            tender_ref=ref,
            supplier_ref=self.actor.organisation,
            offer=cast(Mapping[str, Any], request.data),
            by=self.actor.by,
            at=queries.instant_of_record(),
            clock=queries.instant_of_record,
        )
        mine = queries.bids_for(self.actor).get(tender__ref=ref)
        return Response(BidOut(mine, context=self.get_serializer_context()).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=BidOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, ref: str) -> Response:
        """Take one's own bid out of the box while it is open."""
        self._must_supply()
        use_cases.withdraw_bid(
            tender_ref=ref,
            supplier_ref=self.actor.organisation,
            by=self.actor.by,
            at=queries.instant_of_record(),
            clock=queries.instant_of_record,
        )
        mine = queries.bids_for(self.actor).get(tender__ref=ref)
        return Response(BidOut(mine, context=self.get_serializer_context()).data)

    @extend_schema(request=None, responses=BidOut)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, ref: str) -> Response:
        """Let one's own sealed bid stand to the amended terms as it is."""
        self._must_supply()
        use_cases.confirm_bid(
            tender_ref=ref, supplier_ref=self.actor.organisation, by=self.actor.by, at=queries.instant_of_record()
        )
        mine = queries.bids_for(self.actor).get(tender__ref=ref)
        return Response(BidOut(mine, context=self.get_serializer_context()).data)

    @extend_schema(request=None, responses=TenderDetail)
    @action(detail=True, methods=["post"])
    def watch(self, request: Request, ref: str) -> Response:
        """Hear from now on what happens to the tender."""
        self._must_supply()
        use_cases.show_interest(tender_ref=ref, supplier_ref=self.actor.organisation, by=self.actor.by, at=clock.now())
        return self._detail()

    def _must_supply(self) -> None:
        if not SUPPLYING & self.actor.roles:
            raise NotAllowed(why="only suppliers and factories bid")
        self.actor.must("sales")

    @extend_schema(request=None, responses=TenderDetail)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, ref: str) -> Response:
        """Publish a draft that another person prepared; staff only."""
        return self._by_staff(ref, use_cases.publish_tender)

    @extend_schema(request=None, responses=TenderDetail)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, ref: str) -> Response:
        """Shut the box when its time has come; staff only."""
        return self._by_staff(ref, use_cases.close_tender)

    @extend_schema(request=None, responses=TenderDetail)
    @action(detail=True, methods=["post"])
    def open(self, request: Request, ref: str) -> Response:
        """Decrypt the bids; staff only, and not who published."""
        return self._by_staff(ref, use_cases.open_tender)

    @extend_schema(request=None, responses=TenderDetail)
    @action(detail=True, methods=["post"])
    def award(self, request: Request, ref: str) -> Response:
        """Award to the cheapest valid mix; staff only."""
        return self._by_staff(ref, use_cases.award_tender, seconds=SECONDS_TO_AWARD)

    @extend_schema(request=None, responses=TenderDetail)
    @action(detail=True, methods=["post"])
    def conclude(self, request: Request, ref: str) -> Response:
        """Let the award stand after its standstill; staff only."""
        return self._by_staff(ref, use_cases.conclude_tender)

    @extend_schema(request=WhySerializer, responses=TenderDetail)
    @action(detail=True, methods=["post"], url_path="ask-to-cancel")
    def ask_to_cancel(self, request: Request, ref: str) -> Response:
        """Ask another person to cancel the tender; staff only."""
        return self._by_staff(ref, use_cases.ask_to_cancel, **read(WhySerializer, request))

    @extend_schema(request=None, responses=TenderDetail)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, ref: str) -> Response:
        """Cancel as another person asked; staff only."""
        return self._by_staff(ref, use_cases.cancel_tender)

    def _by_staff(self, ref: str, deed: Callable[..., Any], **more: Any) -> Response:
        self.must_match(self.get_object().revision)
        if not self.actor.staff:
            raise NotAllowed(why="staff only")
        deed(tender_ref=ref, by=self.actor.by, at=clock.now(), **more)
        return self._detail()

    @extend_schema(responses=ReceiptKeyOut)
    @action(detail=False, methods=["get"], url_path="receipt-key", pagination_class=None, filterset_class=None)
    def receipt_key(self, request: Request) -> Response:
        """The key by which anybody checks the platform's receipts."""
        return Response({"algorithm": "Ed25519", "public_key": queries.public_key_of_receipts().hex()})


class BidFeed(Feed):
    """Paged by time: row numbers would tell how many bids others made."""

    ordering = "-received_at"


class Bids(_Timed):
    """One's own organisation's bids, as receipts; staff see those of opened tenders."""

    serializer_class = BidOut
    filterset_class = BidFilter
    pagination_class = BidFeed

    def get_queryset(self) -> Any:
        return queries.bids_for(self.actor)

    @extend_schema(responses=InclusionOut)
    @action(detail=True, methods=["get"])
    def proof(self, request: Request, ref: str) -> Response:
        """What leads from the bid's commitment to the root signed at closing; once the box is open, not before."""
        return Response(queries.inclusion_of(self.get_object()))


class Awards(LimitDoors, _Timed):
    """Awards of the tenders one may look at."""

    serializer_class = AwardOut
    filterset_class = AwardFilter

    def get_queryset(self) -> Any:
        return queries.awards_for(self.actor)

    @extend_schema(responses=AwardDetail)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        view = queries.with_lines(self.get_object(), self.actor)
        return Response(AwardDetail(view, context=self.get_serializer_context()).data)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, pagination_class=None, filterset_class=None)
    def report(self, request: Request, ref: str) -> HttpResponse:
        """The award report as a PDF, in the reader's language."""
        content = write_pdf(queries.award_sheet(self.actor, self.get_object().ref))
        headers = {"Content-Disposition": f'attachment; filename="{ref}.pdf"', "Cache-Control": "private, no-store"}
        return HttpResponse(content, content_type="application/pdf", headers=headers)
