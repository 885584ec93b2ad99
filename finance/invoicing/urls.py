"""Addresses of invoicing."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from finance.invoicing import api as doors
from finance.invoicing import web

router = SimpleRouter()
router.register("supplier-invoices", doors.SupplierInvoiceViewSet, basename="supplier-invoice")
router.register("invoices", doors.InvoiceViewSet, basename="invoice")

api = [*router.urls]

own_pages = [
    path("", web.invoices, name="invoices"),
    path("<str:ref>/", web.invoice, name="invoice"),
]
pages = [path("invoices/", include((own_pages, "invoicing")))]
