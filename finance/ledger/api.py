"""The ledger at the API's door: nobody posts here, everybody may read what is their own."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.ledger import queries
from finance.ledger import serializers as s
from finance.ledger.filters import AccountFilter
from marketplace.foundation.api import TenantViewSet


class AccountViewSet(TenantViewSet):
    """The asker's own accounts with the platform, and the book it keeps here; staff see all."""

    serializer_class = s.AccountSerializer
    filterset_class = AccountFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]+"

    def get_queryset(self) -> QuerySet[Any]:
        return queries.accounts_for(self.actor)

    @extend_schema(parameters=[s.SpanSerializer], responses=s.StatementSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def statement(self, request: Request, pk: str) -> Response:
        """What was booked on the account in the days [since, until), between two balances."""
        span = s.SpanSerializer(data=request.query_params)
        span.is_valid(raise_exception=True)
        found = queries.statement(self.get_object().acct, **span.validated_data)
        return Response(s.StatementSerializer(found).data)
