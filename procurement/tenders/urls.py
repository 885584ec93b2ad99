"""Where tenders are found."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.tenders import api as doors
from procurement.tenders.web import suppliers as web

router = SimpleRouter()
router.register("tenders", doors.Tenders, basename="tender")
router.register("bids", doors.Bids, basename="bid")
router.register("awards", doors.Awards, basename="award")
api = router.urls

own_pages = [
    path("tenders/", web.tender_list, name="list"),
    path("tenders/<str:ref>/", web.tender, name="tender"),
    path("tenders/<str:ref>/bid/", web.seal, name="bid"),
    path("tenders/<str:ref>/withdraw/", web.withdraw, name="withdraw"),
    path("bids/", web.bids, name="bids"),
    path("bids/<str:ref>/receipt/", web.receipt, name="receipt"),
    path("awards/", web.awards, name="awards"),
    path("awards/<str:ref>/", web.award, name="award"),
]
pages = [path("", include((own_pages, "tenders")))]
