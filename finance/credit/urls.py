"""Addresses of credit."""

from __future__ import annotations

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from finance.credit import api as doors
from finance.credit import web

router = SimpleRouter()
router.register("facilities", doors.FacilityViewSet, basename="facility")
router.register("receivables", doors.ReceivableViewSet, basename="receivable")
router.register("drawdowns", doors.DrawdownViewSet, basename="drawdown")

api = [*router.urls]

own_pages = [
    path("", web.exposure, name="exposure"),
    path("requests/", web.requests, name="requests"),
    path("portfolio/", web.portfolio, name="portfolio"),
    path("early-payment/", web.early, name="early"),
    path("early-payment/<str:ref>/", web.ask, name="ask"),
    path("<str:ref>/", web.drawdown, name="drawdown"),
    re_path(r"^(?P<ref>[\w-]+)/(?P<verb>approve|refuse)/$", web.decide, name="decide"),
]
pages = [path("funding/", include((own_pages, "credit")))]
