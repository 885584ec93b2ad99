"""Where pools are found."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.pools import api as doors
from procurement.pools.web import lists, market, places
from procurement.pools.web import pools as web

router = SimpleRouter()
router.register("pools", doors.Pools, basename="pool")
router.register("commitments", doors.Commitments, basename="commitment")
api = router.urls

own_pages = [
    path("", lists.near, name="near"),
    path("ours/", lists.mine, name="mine"),
    path("places/", places.places, name="places"),
    path("places/<str:ref>/take-over/", places.take_over, name="take_over"),
    path("<str:ref>/", web.pool, name="pool"),
    path("<str:ref>/gathered/", web.gathered, name="gathered"),
    path("<str:ref>/binds/", web.binds, name="binds"),
    path("<str:ref>/curves/", market.curves, name="curves"),
    path("<str:ref>/preview/", market.preview, name="preview"),
    path("<str:ref>/worth/", market.worth, name="worth"),
    path("<str:ref>/join/", web.join, name="join"),
    path("commitments/<str:ref>/leave/", web.leave, name="leave"),
    path("commitments/<str:ref>/change/", web.change, name="change"),
    path("commitments/<str:ref>/withdraw/", web.withdraw, name="withdraw"),
    path("commitments/<str:ref>/offer/", web.offer, name="offer"),
]
pages = [path("pools/", include((own_pages, "pools")))]
