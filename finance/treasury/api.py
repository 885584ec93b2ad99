"""Treasury at the API's door: payments are made by settlement, and read here."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from finance.treasury import queries
from finance.treasury.filters import PaymentOrderFilter
from finance.treasury.serializers import PaymentOrderSerializer
from marketplace.foundation.api import TenantViewSet


class PaymentOrderViewSet(TenantViewSet):
    """Payments to and from the asker's organisation, and of the book it keeps here; staff see all."""

    serializer_class = PaymentOrderSerializer
    filterset_class = PaymentOrderFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.payments_for(self.actor)
