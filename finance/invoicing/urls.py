"""Addresses of invoicing."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from finance.invoicing import api as doors

router = SimpleRouter()
router.register("supplier-invoices", doors.SupplierInvoiceViewSet, basename="supplier-invoice")
router.register("invoices", doors.InvoiceViewSet, basename="invoice")

api = [*router.urls]
