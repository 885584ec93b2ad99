"""Demand at the API's door: purchase requests, files imported, column mappings."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, parsers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.foundation.api import KeyedWrites, TenantViewSet, WhySerializer, actor_of, read
from marketplace.foundation.parsers import StrictJSONParser
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import NotFound
from procurement.demand import queries, use_cases
from procurement.demand import serializers as s
from procurement.demand.filters import BatchFilter, RequestFilter, SuggestionFilter
from procurement.engines.wants import Level

LARGEST_UPLOAD = 20 * 2**20
POSITION = OpenApiParameter("position", int, OpenApiParameter.PATH)


def own_firm(actor: Actor, role: str) -> str:
    """Return the actor's organisation when the actor holds `role` there.

    :raises NotFound: the actor acts for nobody.
    :raises NotAllowed: without that role.
    """
    if not actor.organisation:
        raise NotFound(what="organisation", ref="")
    actor.must(role)
    return actor.organisation


class PurchaseRequestViewSet(TenantViewSet):
    """What the asker's organisation asks for; staff see everybody's."""

    serializer_class = s.RequestDetail
    filterset_class = RequestFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.requests_for(self.actor)

    def get_serializer_class(self) -> Any:
        return s.RequestOut if self.action == "list" else s.RequestDetail

    def _answer(self, ref: str, status: int = 200) -> Response:
        thing = self.get_queryset().get(ref=ref)
        return Response(self.get_serializer(thing).data, status=status, headers={"ETag": f'"{thing.revision}"'})

    def _own(self, role: str) -> Any:
        """Return the request that the address names, when the asker may write on it as `role`."""
        thing = get_object_or_404(queries.requests_for(self.member), ref=self.kwargs["ref"])
        own_firm(self.actor, role)
        self.must_match(thing.revision)
        return thing

    @extend_schema(request=s.RequestIn, responses={201: s.RequestDetail})
    def create(self, request: Request) -> Response:
        """Open a draft, with lines or without."""
        buyer, given = own_firm(self.actor, "requester"), read(s.RequestIn, request)
        lines, by, at = given.pop("lines", []), self.actor.by, clock.now()
        with transaction.atomic():
            ref = use_cases.open_request(buyer_ref=buyer, by=by, at=at, **given)
            for line in lines:
                use_cases.add_line(request_ref=ref, by=by, at=at, **_line(line, given["currency"]))
        return self._answer(ref, 201)

    @extend_schema(request=s.LineIn, responses={201: s.RequestDetail})
    @action(detail=True, methods=["post"])
    def lines(self, request: Request, ref: str) -> Response:
        """Add a line to a draft."""
        thing = self._own("requester")
        line = _line(read(s.LineIn, request), thing.currency)
        use_cases.add_line(request_ref=ref, by=self.actor.by, at=clock.now(), **line)
        return self._answer(ref, 201)

    @extend_schema(request=s.QuantityIn, parameters=[POSITION])
    @action(detail=True, methods=["post"], url_path=r"lines/(?P<position>[0-9]{1,6})/quantity")
    def quantity(self, request: Request, ref: str, position: str) -> Response:
        """Change how much a line asks for; what it asked for before is kept."""
        self._own("requester")
        given = read(s.QuantityIn, request)
        use_cases.change_quantity(request_ref=ref, position=int(position), by=self.actor.by, at=clock.now(), **given)
        return self._answer(ref)

    @extend_schema(request=s.ProductIn, parameters=[POSITION])
    @action(detail=True, methods=["post"], url_path=r"lines/(?P<position>[0-9]{1,6})/product")
    def product(self, request: Request, ref: str, position: str) -> Response:
        """Say which product a line in words means."""
        self._own("requester")
        given = read(s.ProductIn, request)
        use_cases.name_product(request_ref=ref, position=int(position), by=self.actor.by, at=clock.now(), **given)
        return self._answer(ref)

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, ref: str) -> Response:
        """Hand a draft in for approval."""
        self._own("requester")
        return self.take(use_cases.submit_request, "request_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def send_back(self, request: Request, ref: str) -> Response:
        """Give a request back to its requester."""
        self._own("approver")
        return self.take(use_cases.send_back_request, "request_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, ref: str) -> Response:
        """Approve a request within one's spending limit."""
        self._own("approver")
        return self.take(use_cases.approve_request, "request_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, ref: str) -> Response:
        """Take a request back while none of its lines is in a pool."""
        self._own("requester")
        return self.take(use_cases.cancel_request, "request_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def expire(self, request: Request, ref: str) -> Response:
        """Let a request lapse whose days have gone by."""
        self._own("requester")
        return self.take(use_cases.expire_request, "request_ref")


def _line(given: dict[str, Any], currency: str) -> dict[str, Any]:
    ceiling = given["ceiling"]
    curve = [Level(level["price"], level["quantity"]) for level in given.get("curve", [])]
    return {**given, "curve": curve, "ceiling": None if ceiling is None else Rate(ceiling, currency)}


class DemandImportViewSet(TenantViewSet):
    """Files that the asker's organisation imported, and the door for more."""

    serializer_class = s.BatchOut
    filterset_class = BatchFilter
    parser_classes = [parsers.MultiPartParser, StrictJSONParser]

    def get_queryset(self) -> QuerySet[Any]:
        return queries.batches_for(self.actor)

    @extend_schema(request=s.ImportIn, responses={201: s.BatchOut, 200: s.BatchOut})
    def create(self, request: Request) -> Response:
        """Import a table as drafts of the own organisation, whatever the file says; 200 when it was there before."""
        firm, given = own_firm(self.actor, "requester"), read(s.ImportIn, request)
        stream, name = _upload(given)
        report = use_cases.import_demand(
            path=stream,
            file_name=name,
            mapping=given["mapping"],
            take_good=given["take_good"],
            organisation_ref=firm,
            by=self.actor.by,
            at=clock.now(),
        )
        batch = self.get_queryset().get(ref=report.batches[0])
        return Response(self.get_serializer(batch).data, status=200 if report.already else 201)


def _upload(given: dict[str, Any]) -> tuple[BinaryIO, str]:
    """Return the uploaded file as a stream that can seek, and its name.

    :raises ValidationError: there is none, or it is too large.
    """
    file, content = given.get("file"), given.get("content")
    if (file is None) == (content is None):
        raise ValidationError({"file": ["Send either a file, or its content in base64."]})
    if file is not None:
        stream, name, size = file.file, str(file.name), int(file.size)
    else:
        try:
            raw = base64.b64decode(str(content), validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError({"content": ["This is not base64."]}) from None
        stream, name, size = io.BytesIO(raw), given["file_name"], len(raw)
    if size > LARGEST_UPLOAD:
        raise ValidationError({"file": [f"Larger than {LARGEST_UPLOAD} bytes."]})
    return stream, name


class MatchSuggestionViewSet(TenantViewSet):
    """Products suggested for the asker's own lines in words; staff see everybody's."""

    serializer_class = s.SuggestionOut
    filterset_class = SuggestionFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.suggestions_for(self.actor)

    def _decide(self, deed: Any) -> Response:
        """Take a deed for the asker as requester or staff, and answer with the suggestion as it is then."""
        thing = self.get_object()
        if not self.actor.staff:
            own_firm(self.actor, "requester")
        self.must_match(thing.revision)
        given = read(WhySerializer, self.request)
        deed(suggestion_ref=thing.ref, by=self.actor.by, at=clock.now(), **given)
        thing = self.get_queryset().get(ref=thing.ref)
        return Response(self.get_serializer(thing).data, headers={"ETag": f'"{thing.revision}"'})

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, ref: str) -> Response:
        """Say that the line means this product; it is remembered for the buyer."""
        return self._decide(use_cases.confirm_match)

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, ref: str) -> Response:
        """Say that the line does not mean this product."""
        return self._decide(use_cases.reject_match)


class ColumnMappingViewSet(KeyedWrites, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """How the asker's own spreadsheets are read, kept by name."""

    serializer_class = s.MappingOut
    pagination_class = TenantViewSet.pagination_class
    lookup_field = "name"
    lookup_value_regex = "[a-z0-9][a-z0-9_-]*"

    def get_queryset(self) -> QuerySet[Any]:
        return queries.mappings_for(actor_of(self.request))

    @extend_schema(request=s.MappingIn, responses={201: s.MappingOut})
    def create(self, request: Request) -> Response:
        """Keep a mapping (TOML) under a name; the same name again replaces it."""
        actor, given = actor_of(request), read(s.MappingIn, request)
        use_cases.save_mapping(organisation_ref=own_firm(actor, "requester"), by=actor.by, at=clock.now(), **given)
        return Response(self.get_serializer(self.get_queryset().get(name=given["name"])).data, status=201)

    @extend_schema(responses={200: {"type": "array", "items": {"type": "string"}}})
    @action(detail=False, methods=["get"])
    def known(self, request: Request) -> Response:
        """The names by which the asker may import: its own mappings, and those of the product."""
        return Response(use_cases.known_mappings(actor_of(request).organisation))
