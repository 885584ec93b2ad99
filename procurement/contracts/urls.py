from __future__ import annotations

from rest_framework.routers import SimpleRouter

from procurement.contracts.api import Orders

router = SimpleRouter()
router.register("orders", Orders, basename="order")
api = router.urls
