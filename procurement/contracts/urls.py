from __future__ import annotations

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from procurement.contracts import web
from procurement.contracts.api import Orders

router = SimpleRouter()
router.register("orders", Orders, basename="order")
api = router.urls

own_pages = [
    path("", web.our_shares, name="shares"),
    path("supply/", web.supplied, name="supplied"),
    path("supply/<str:ref>/", web.supply, name="supply"),
    re_path(r"^supply/(?P<ref>[\w-]+)/(?P<verb>acknowledge|decline)/$", web.answer, name="answer"),
    path("<str:ref>/", web.share, name="share"),
]
pages = [path("orders/", include((own_pages, "contracts")))]
