"""Addresses of treasury."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from finance.treasury import api as doors

router = SimpleRouter()
router.register("payments", doors.PaymentOrderViewSet, basename="payment")

api = [*router.urls]
