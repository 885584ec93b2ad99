"""Invoices at the API's door: each side reads its own, staff decide on what suppliers claim."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response

from finance.invoicing import queries, use_cases
from finance.invoicing.filters import InvoiceFilter, SupplierInvoiceFilter
from finance.invoicing.serializers import InvoiceSerializer, SupplierInvoiceSerializer
from marketplace.foundation.api import TenantViewSet, WhySerializer


class SupplierInvoiceViewSet(TenantViewSet):
    """What the asker's organisation has invoiced us; staff see all."""

    serializer_class = SupplierInvoiceSerializer
    filterset_class = SupplierInvoiceFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.supplier_invoices_for(self.actor)

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAdminUser])
    def approve(self, request: Request, ref: str) -> Response:
        """Staff undertake, irrevocably, to pay it when due; from now on it may be financed."""
        return self.take(use_cases.approve_supplier_invoice, "invoice_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAdminUser])
    def release(self, request: Request, ref: str) -> Response:
        """Staff let a held invoice pass although its price strays."""
        return self.take(use_cases.release_supplier_invoice, "invoice_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAdminUser])
    def reject(self, request: Request, ref: str) -> Response:
        """Staff turn a held invoice down."""
        return self.take(use_cases.reject_supplier_invoice, "invoice_ref")

    @extend_schema(request=WhySerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAdminUser])
    def rematch(self, request: Request, ref: str) -> Response:
        """Staff have a held invoice matched anew, when more goods have come."""
        return self.take(use_cases.rematch_supplier_invoice, "invoice_ref")


class InvoiceViewSet(TenantViewSet):
    """What we have invoiced the asker's organisation; staff see all."""

    serializer_class = InvoiceSerializer
    filterset_class = InvoiceFilter

    def get_queryset(self) -> QuerySet[Any]:
        return queries.invoices_for(self.actor)
