from __future__ import annotations

from rest_framework.routers import SimpleRouter

from procurement.delivery.api import Receipts, Shipments

router = SimpleRouter()
router.register("shipments", Shipments, basename="shipment")
router.register("receipts", Receipts, basename="receipt")
api = router.urls
