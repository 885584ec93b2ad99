"""Addresses of the parties."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from marketplace.parties import api as doors

router = SimpleRouter()
router.register("organisations", doors.OrganisationViewSet, basename="organisation")
router.register("members", doors.MembershipViewSet, basename="member")
router.register("sites", doors.SiteViewSet, basename="site")
router.register("bank-accounts", doors.BankAccountViewSet, basename="bank-account")
router.register("notifications", doors.NotificationViewSet, basename="notification")

api = [
    *router.urls,
    path("tokens/", doors.TokenView.as_view(), name="token"),
    path("tokens/end/", doors.TokenEndView.as_view(), name="token-end"),
    path("tokens/end-all/", doors.TokensEndView.as_view(), name="token-end-all"),
]
