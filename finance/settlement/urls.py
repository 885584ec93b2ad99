"""Addresses of settlement."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from finance.settlement import api as doors
from finance.settlement import web

router = SimpleRouter()
router.register("obligations", doors.ObligationViewSet, basename="obligation")
router.register("settlement-runs", doors.SettlementRunViewSet, basename="settlement-run")
router.register("settlement-steps", doors.SettlementStepViewSet, basename="settlement-step")

api = [*router.urls]

own_pages = [
    path("", web.runs, name="runs"),
    path("<str:ref>/", web.run, name="run"),
    path("<str:ref>/progress/", web.progress, name="progress"),
]
pages = [path("settlement/", include((own_pages, "settlement")))]
