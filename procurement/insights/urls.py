from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.insights import web
from procurement.insights.api import JointSavings, Record, ReleaseLines, Releases, Savings

router = SimpleRouter()
router.register("savings", Savings, basename="saving")
router.register("joint-savings", JointSavings, basename="joint-saving")
api = [
    path("ocds/releases/", Releases.as_view(), name="ocds-releases"),
    path("ocds/releases.jsonl", ReleaseLines.as_view(), name="ocds-release-lines"),
    path("ocds/records/<str:ocid>/", Record.as_view(), name="ocds-record"),
    *router.urls,
]

own_pages = [
    path("", web.savings, name="savings"),
    path("<int:pk>/why/", web.why, name="why"),
]
open_pages = [
    path("", web.public_tenders, name="list"),
    path("feed.atom", web.feed, name="feed"),
]
pages = [
    path("savings/", include((own_pages, "insights"))),
    path("open-data/", include((open_pages, "open-data"))),
]
