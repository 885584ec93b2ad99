from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.delivery import web
from procurement.delivery.api import OrderInvoices, Receipts, Shipments

router = SimpleRouter()
router.register("shipments", Shipments, basename="shipment")
router.register("order-invoices", OrderInvoices, basename="order-invoice")
router.register("receipts", Receipts, basename="receipt")
api = router.urls

own_pages = [
    path("", web.receipts, name="receipts"),
    path("of/<str:ref>/", web.of_order, name="of-order"),
    path("<str:ref>/", web.receipt, name="receipt"),
]
pages = [path("receipts/", include((own_pages, "delivery")))]
