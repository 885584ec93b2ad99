"""Where tenders are found."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.tenders import api as doors
from procurement.tenders.web import opening
from procurement.tenders.web import suppliers as web

router = SimpleRouter()
router.register("tenders", doors.Tenders, basename="tender")
router.register("bids", doors.Bids, basename="bid")
router.register("key-holders", doors.KeyHolders, basename="key-holder")
router.register("key-shares", doors.KeyShares, basename="key-share")
router.register("openings", doors.Openings, basename="opening")
router.register("awards", doors.Awards, basename="award")
api = router.urls

own_pages = [
    path("tenders/", web.tender_list, name="list"),
    path("tenders/<str:ref>/", web.tender, name="tender"),
    path("tenders/<str:ref>/bid/", web.seal, name="bid"),
    path("tenders/<str:ref>/withdraw/", web.withdraw, name="withdraw"),
    path("bids/", web.bids, name="bids"),
    path("bids/<str:ref>/receipt/", web.receipt, name="receipt"),
    path("bids/<str:ref>/proof/", opening.proof, name="proof"),
    path("openings/", opening.openings, name="openings"),
    path("openings/key/", opening.own_key, name="own-key"),
    path("openings/<str:ref>/", opening.session, name="opening"),
    path("openings/<str:ref>/holders/", opening.name_holders, name="name-holders"),
    path("openings/<str:ref>/hand-in/", opening.hand_in, name="hand-in"),
    path("openings/<str:ref>/sealed/", opening.sealed, name="sealed-share"),
    path("openings/<str:ref>/acknowledge/", opening.acknowledge, name="acknowledge"),
    path("openings/<str:ref>/record/", opening.record, name="record"),
    path("awards/", web.awards, name="awards"),
    path("awards/<str:ref>/", web.award, name="award"),
]
pages = [path("", include((own_pages, "tenders")))]
