"""Addresses of the parties."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from marketplace.parties import api as doors
from marketplace.parties import web

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

own_pages = [
    path("", web.home, name="home"),
    path("sign-in/", web.SignIn.as_view(), name="sign-in"),
    path("sign-out/", web.SignOut.as_view(), name="sign-out"),
    path("language/", web.language, name="language"),
    path("act-for/", web.switch, name="switch"),
    path("notices/", web.notices, name="notices"),
    path("organisation/", web.own_organisation, name="organisation"),
    path("organisation/apply/", web.apply, name="apply"),
    path("organisation/members/", web.invite, name="invite"),
    path("organisation/bank-account/", web.name_bank_account, name="bank-account"),
    path("organisation/bank-account/<str:ref>/<str:verb>/", web.settle_bank_account, name="bank-account-verb"),
]
pages = [path("", include((own_pages, "parties")))]
