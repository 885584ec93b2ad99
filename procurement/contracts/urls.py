from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.contracts import web
from procurement.contracts.api import Orders

router = SimpleRouter()
router.register("orders", Orders, basename="order")
api = router.urls

own_pages = [
    path("", web.our_shares, name="shares"),
    path("<str:ref>/", web.share, name="share"),
]
pages = [path("orders/", include((own_pages, "contracts")))]
