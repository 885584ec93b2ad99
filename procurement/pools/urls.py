"""Where pools are found."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from procurement.pools import api as doors

router = SimpleRouter()
router.register("pools", doors.Pools, basename="pool")
router.register("commitments", doors.Commitments, basename="commitment")
api = router.urls
