"""Where tenders are found."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from procurement.tenders import api as doors

router = SimpleRouter()
router.register("tenders", doors.Tenders, basename="tender")
router.register("bids", doors.Bids, basename="bid")
router.register("awards", doors.Awards, basename="award")
api = router.urls
