"""Addresses of treasury."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from finance.treasury import api as doors
from finance.treasury import web

router = SimpleRouter()
router.register("payments", doors.PaymentOrderViewSet, basename="payment")

api = [*router.urls]
own_pages = [path("<str:ref>/papers/", web.papers, name="papers")]
pages = [path("funding/", include((own_pages, "treasury")))]
