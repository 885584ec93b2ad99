from __future__ import annotations

from rest_framework.routers import SimpleRouter

from procurement.insights.api import Savings

router = SimpleRouter()
router.register("savings", Savings, basename="saving")
api = router.urls
