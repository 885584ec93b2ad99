"""Where tenders are found."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.tenders import api as doors
from procurement.tenders.web import comparing, workbooks
from procurement.tenders.web import suppliers as web

router = SimpleRouter()
router.register("tenders", doors.Tenders, basename="tender")
router.register("bids", doors.Bids, basename="bid")
router.register("awards", doors.Awards, basename="award")
router.register("overrides", doors.Overrides, basename="override")
api = router.urls

own_pages = [
    path("tenders/", web.tender_list, name="list"),
    path("tenders/compared/", comparing.compared, name="compared"),
    path("tenders/justify/", comparing.justify, name="justify"),
    path("tenders/<str:ref>/compare/", comparing.compare, name="compare"),
    path("tenders/<str:ref>/override/", comparing.ask_override, name="override"),
    path("tenders/<str:ref>/flags/<int:flag>/ask/", comparing.ask_justification, name="ask_justification"),
    path("overrides/<str:ref>/", comparing.decide_override, name="decide_override"),
    path("awards/<str:ref>/why/", comparing.why, name="why"),
    path("awards/<str:ref>/limits/", comparing.price_limits, name="price_limits"),
    path("tenders/<str:ref>/", web.tender, name="tender"),
    path("tenders/<str:ref>/bid/", web.seal, name="bid"),
    path("tenders/<str:ref>/workbook/", workbooks.workbook, name="workbook"),
    path("tenders/<str:ref>/bid/workbook/", workbooks.seal_workbook, name="bid_workbook"),
    path("tenders/<str:ref>/withdraw/", web.withdraw, name="withdraw"),
    path("bids/", web.bids, name="bids"),
    path("bids/<str:ref>/receipt/", web.receipt, name="receipt"),
    path("awards/", web.awards, name="awards"),
    path("awards/<str:ref>/", web.award, name="award"),
]
pages = [path("", include((own_pages, "tenders")))]
