"""Auctions over HTTP: look on at masked names, move in one's turn, take the record away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import TenantViewSet, WhySerializer, read
from marketplace.kernel import clock
from marketplace.kernel.refusals import NotAllowed
from procurement.tenders import queries, use_cases
from procurement.tenders.filters import OfTenderFilter
from procurement.tenders.rules import SUPPLYING
from procurement.tenders.rules.auctioning import price_of
from procurement.tenders.serializers import auctions as s


class Auctions(TenantViewSet):
    """Auctions of the tenders one may look at."""

    serializer_class = s.AuctionOut
    filterset_class = OfTenderFilter

    def get_queryset(self) -> Any:
        return queries.auctions_for(self.actor)

    @extend_schema(request=s.AuctionIn, responses={201: s.AuctionOut})
    def create(self, request: Request) -> Response:
        """Plan the auction of an opened tender's lot; staff only."""
        self._must_be_staff()
        given = read(s.AuctionIn, request)
        ref = use_cases.start_auction(lot_ref=given.pop("lot"), **given, by=self.actor.by, at=clock.now())
        return Response(self.get_serializer(self.get_queryset().get(ref=ref)).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=s.AuctionBoardOut)
    @action(detail=True, methods=["get"])
    def board(self, request: Request, ref: str) -> Response:
        """How it stands: round, turn, every bidder by number, every step."""
        return Response(s.AuctionBoardOut(queries.auction_view(self.get_object(), self.actor)).data)

    @extend_schema(responses=s.AuctionRecordOut)
    @action(detail=True, methods=["get"])
    def record(self, request: Request, ref: str) -> Response:
        """The machine-written record, which replays to the same result; signed at the end."""
        return Response(queries.auction_record(self.get_object()))

    @extend_schema(request=s.PriceIn, responses=s.AuctionBoardOut)
    @action(detail=True, methods=["post"])
    def bid(self, request: Request, ref: str) -> Response:
        """Lower one's own price in one's own turn."""
        return self._moved(use_cases.place_auction_bid, s.PriceIn)

    @extend_schema(request=None, responses=s.AuctionBoardOut)
    @action(detail=True, methods=["post"])
    def stay(self, request: Request, ref: str) -> Response:
        """Stay as one is, in one's own turn."""
        return self._moved(use_cases.pass_turn)

    def _moved(self, deed: Callable[..., int], kind: Any = None) -> Response:
        auction = self.get_object()
        self.must_match(auction.steps)
        if not SUPPLYING & self.actor.roles:
            raise NotAllowed(why="only suppliers and factories bid")
        self.actor.must("sales")
        given = {"price": price_of(read(kind, self.request)["price"])} if kind else {}
        deed(
            auction_ref=auction.ref,
            supplier_ref=self.actor.organisation,
            **given,
            by=self.actor.by,
            at=queries.instant_of_record(),
            clock=queries.instant_of_record,
        )
        found = self.get_queryset().get(ref=auction.ref)
        return Response(s.AuctionBoardOut(queries.auction_view(found, self.actor)).data)

    @extend_schema(request=WhySerializer, responses=s.AuctionOut)
    @action(detail=True, methods=["post"], url_path="call-off")
    def call_off(self, request: Request, ref: str) -> Response:
        """Call off an auction that has not begun; staff only."""
        self.get_object()
        self._must_be_staff()
        return self.take(use_cases.call_off_auction, "auction_ref")

    def _must_be_staff(self) -> None:
        if not self.actor.staff:
            raise NotAllowed(why="staff only")
