"""Addresses of demand."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from procurement.demand import api as doors

router = SimpleRouter()
router.register("purchase-requests", doors.PurchaseRequestViewSet, basename="purchase-request")
router.register("demand-imports", doors.DemandImportViewSet, basename="demand-import")
router.register("column-mappings", doors.ColumnMappingViewSet, basename="column-mapping")

api = router.urls
