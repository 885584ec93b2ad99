"""Addresses of the catalogue."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from marketplace.catalogue import api as doors

router = SimpleRouter()
router.register("categories", doors.CategoryViewSet, basename="category")
router.register("products", doors.ProductViewSet, basename="product")
router.register("master-data-proposals", doors.ProposalViewSet, basename="proposal")
router.register("substitutes", doors.SubstituteViewSet, basename="substitute")

api = router.urls
