"""Addresses of the ledger."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from finance.ledger import api as doors

router = SimpleRouter()
router.register("accounts", doors.AccountViewSet, basename="account")

api = [*router.urls]
