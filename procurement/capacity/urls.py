from __future__ import annotations

from rest_framework.routers import SimpleRouter

from procurement.capacity.api import Factories, Work

router = SimpleRouter()
router.register("factories", Factories, basename="factory")
router.register("work-orders", Work, basename="work-order")
api = router.urls
