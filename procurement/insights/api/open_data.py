"""Open data over the API: for anybody, without signing in, from any other site."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from marketplace.foundation.api import Feed
from marketplace.kernel import clock
from procurement.insights import queries

ANYBODY = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60"}


class OpenView(APIView):
    """A view that asks nobody who they are."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class Releases(OpenView):
    """Every release, newest first, as packages of the Open Contracting Data Standard 1.1."""

    @extend_schema(
        operation_id="ocds_releases",
        auth=[],
        parameters=[
            OpenApiParameter("ocid", str, description="Releases of this process alone."),
            OpenApiParameter("cursor", str, description="Where to go on; see `links` of the package before."),
            OpenApiParameter("page_size", int, description="Releases of one package, at most 500."),
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return one package of releases; `links.next` leads to older ones."""
        feed = Feed()
        rows = feed.paginate_queryset(queries.releases(request.query_params.get("ocid", "")), request, view=self)
        links = {"next": feed.get_next_link(), "prev": feed.get_previous_link()}
        package = queries.package(
            list(rows or []),
            uri=request.build_absolute_uri(),
            at=clock.now(),
            links={name: address for name, address in links.items() if address},
        )
        return HttpResponse(package, content_type="application/json", headers=ANYBODY)


class Record(OpenView):
    """One contracting process: its releases, and what stands now."""

    @extend_schema(operation_id="ocds_record", auth=[], responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, ocid: str) -> HttpResponse:
        """Return the record package of the process `ocid`."""
        package = queries.record(ocid, uri=request.build_absolute_uri())
        return HttpResponse(package, content_type="application/json", headers=ANYBODY)


class ReleaseLines(OpenView):
    """Everything in one file."""

    @extend_schema(
        operation_id="ocds_release_lines", auth=[], responses={(200, "application/x-ndjson"): OpenApiTypes.STR}
    )
    def get(self, request: Request, **_given: Any) -> HttpResponseBase:
        """Return every release, oldest first, one line of JSON each."""
        headers = {**ANYBODY, "Content-Disposition": 'attachment; filename="jicai-ocds-releases.jsonl"'}
        return StreamingHttpResponse(queries.lines(), content_type="application/x-ndjson", headers=headers)
