"""What every API view stands on: the actor, tenant-scoped reads, keyed writes, ETag and If-Match."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.utils.module_loading import import_string
from rest_framework import exceptions, mixins, pagination, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.events import use_cases as events_
from marketplace.foundation.doors import PreconditionFailed
from marketplace.kernel import clock
from marketplace.kernel.actors import NOBODY, Actor
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop


class InFlight(Refusal):
    """The same keyed request is being answered at this moment."""

    code = "request_in_flight"
    words = gettext_noop("The request with key {key} is still being answered. Ask again in a moment.")


class Feed(pagination.CursorPagination):
    """Newest first, paged by key, so that page 10,000 costs what page 1 costs."""

    ordering = "-id"
    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"

    def decode_cursor(self, request: Any) -> Any:
        """Return where to go on.

        :raises NotFound: the cursor is none that a feed gave out.
        """
        cursor = super().decode_cursor(request)
        if cursor is None or cursor.position is None:
            return cursor
        position = str(cursor.position)
        try:
            _ = int(position) if tuple(self.ordering) == ("-id",) else datetime.fromisoformat(position)
        except (TypeError, ValueError):
            raise exceptions.NotFound from None
        return cursor


def actor_of(request: Any) -> Actor:
    """Return who asks and for which organisation, as parties know it."""
    found = getattr(request, "_actor", None)
    if found is None:
        found = import_string(settings.ACTOR_RESOLVER)(request) if request.user.is_authenticated else NOBODY
        request._actor = found
    return found


class WhySerializer(serializers.Serializer[Any]):
    """What a plain verb takes: a reason, if one is given."""

    why = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


def read(kind: type[serializers.BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """Return what was sent, as `kind` takes it.

    :raises ValidationError: it does not fit.
    """
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class KeyedWrites:
    """Answers a repeated write with the same Idempotency-Key from memory.

    The key is kept in the transaction of the deed: either both stand or neither. A twin that comes while the first is
    under way is told so on PostgreSQL (409) and waits its turn on SQLite.
    """

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key", "")
        if request.method not in {"POST", "PUT", "PATCH", "DELETE"} or not key:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc,no-any-return]
        self._key = key[:120]
        self._body_sha256 = events_.fingerprint(request.method, request.get_full_path(), request.body)
        with transaction.atomic():
            response: Response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if not getattr(self, "_key", ""):
            return
        by = _asker(request)
        if connection.vendor == "postgresql" and not _only_one(f"{by}|{self._key}"):
            raise InFlight(key=self._key)
        kept = events_.kept_answer(actor=by, key=self._key, request_sha256=self._body_sha256)
        if kept is not None:
            raise _AnsweredBefore(*kept)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, _AnsweredBefore):
            return Response(exc.body, status=exc.status, headers={"Idempotent-Replayed": "true"})
        return super().handle_exception(exc)  # type: ignore[misc,no-any-return]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if getattr(self, "_key", "") and response.status_code < 400 and "Idempotent-Replayed" not in response.headers:
            events_.keep_answer(
                actor=_asker(request),
                key=self._key,
                request_sha256=self._body_sha256,
                status=response.status_code,
                answer=response.data,
                at=clock.now(),
            )
        return response


def _asker(request: Any) -> str:
    """Return whose key it is: a person's, for one organisation; the same key for another one is another key."""
    actor = actor_of(request)
    return f"{actor.by} for {actor.organisation}" if actor.organisation else actor.by


class _AnsweredBefore(Exception):
    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status, self.body = status, body


def _only_one(name: str) -> bool:
    """Take the transaction-long advisory lock called `name`; return whether it was free."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


class TenantViewSet(KeyedWrites, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """Reads what the actor's organisation may see, by ref; another firm's things answer 404.

    Subclasses give `get_queryset()` from a query that takes the actor, and one POST action for each verb.
    """

    lookup_field = "ref"
    lookup_value_regex = "[A-Z]{2}-[0-9]{4}-[0-9]+"
    pagination_class = Feed

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    @property
    def member(self) -> Actor:
        """The asker as a member of its firm and no more: staff write on no other firm's things."""
        return Actor(by=self.actor.by, organisation=self.actor.organisation, roles=self.actor.roles)

    def must_match(self, revision: int) -> None:
        """Refuse a write that was decided on another revision.

        :raises PreconditionFailed: If-Match is given and names another revision.
        """
        wanted = self.request.headers.get("If-Match")
        if wanted and wanted.strip('W/"') != str(revision):
            raise PreconditionFailed

    def matched(self, revision: int) -> int | None:
        """Return the revision a write was decided on, when it says so by If-Match (see `must_match`)."""
        return revision if self.request.headers.get("If-Match") else None

    def take(self, deed: Callable[..., object], argument: str, **more: Any) -> Response:
        """Take one plain verb on the thing the address names, for the asker and now, and answer with the thing.

        deed      a use case that takes `argument=<ref>`, `by`, `at`, `why` and whatever is in `more`
        """
        thing = self.get_object()
        self.must_match(thing.revision)
        deed(**{argument: thing.ref}, by=self.actor.by, at=clock.now(), **{**read(WhySerializer, self.request), **more})
        thing.refresh_from_db()
        return Response(self.get_serializer(thing).data, headers={"ETag": f'"{thing.revision}"'})

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        thing = self.get_object()
        headers = {"ETag": f'"{thing.revision}"'} if hasattr(thing, "revision") else {}
        return Response(self.get_serializer(thing).data, headers=headers)
