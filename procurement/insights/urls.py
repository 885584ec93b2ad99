from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.insights import web
from procurement.insights.api import JointSavings, Savings

router = SimpleRouter()
router.register("savings", Savings, basename="saving")
router.register("joint-savings", JointSavings, basename="joint-saving")
api = router.urls

own_pages = [
    path("", web.savings, name="savings"),
    path("<int:pk>/why/", web.why, name="why"),
]
pages = [path("savings/", include((own_pages, "insights")))]
