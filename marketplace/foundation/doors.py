"""How the API's door answers what it will not do: problem+json with a stable code (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from marketplace.foundation.wording import problem
from marketplace.kernel.refusals import Refusal

CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    412: "precondition_failed",
    415: "unsupported_media_type",
    429: "too_many_requests",
}


class ProblemRenderer(JSONRenderer):
    """Renders as JSON under the name of a problem document."""

    media_type = "application/problem+json"
    format = "problem"


class PreconditionFailed(exceptions.APIException):
    """If-Match names another revision than the present one."""

    status_code = 412
    default_detail = "The object has another revision than If-Match names."


def answer(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn a Refusal or one of DRF's own exceptions into a problem document; leave bugs to become a 500."""
    request = context.get("request")
    path = request.path if request is not None else ""
    if isinstance(exc, Refusal):
        set_rollback()
        return _respond(problem(exc, path), exc.status, {})
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    if not isinstance(exc, exceptions.APIException):
        return None
    set_rollback()
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(exc.default_detail),
        "status": exc.status_code,
        "detail": str(exc.detail) if not isinstance(exc.detail, dict | list) else str(exc.default_detail),
        "instance": path,
        "code": CODES.get(exc.status_code, exc.default_code),
    }
    if isinstance(exc, exceptions.ValidationError):
        body |= {"code": "bad_value", "errors": exc.detail}
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header  # type: ignore[attr-defined]
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(exc.wait))  # type: ignore[attr-defined]
    return _respond(body, exc.status_code, headers)


def _respond(body: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    return Response(body, status=status, headers=headers, content_type=ProblemRenderer.media_type)
