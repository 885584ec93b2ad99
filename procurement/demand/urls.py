"""Addresses of demand."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.demand import api as doors
from procurement.demand.web import matches, requests, uploads

router = SimpleRouter()
router.register("purchase-requests", doors.PurchaseRequestViewSet, basename="purchase-request")
router.register("demand-imports", doors.DemandImportViewSet, basename="demand-import")
router.register("match-suggestions", doors.MatchSuggestionViewSet, basename="match-suggestion")
router.register("column-mappings", doors.ColumnMappingViewSet, basename="column-mapping")

api = router.urls

own_pages = [
    path("", requests.our_requests, name="requests"),
    path("new/", requests.new_request, name="new"),
    path("products/", requests.suggest, name="suggest"),
    path("matches/", matches.to_name, name="matches"),
    path("matches/<str:ref>/confirm/", matches.confirm, name="confirm-match"),
    path("matches/<str:ref>/<int:position>/none/", matches.none_of_these, name="no-match"),
    path("upload/", uploads.upload, name="upload"),
    path("upload/look/", uploads.preview, name="preview"),
    path("upload/take/", uploads.take_upload, name="take-upload"),
    path("upload/mapping/", uploads.mapping, name="mapping"),
    path("<str:ref>/", requests.one_request, name="request"),
    path("<str:ref>/lines/<int:position>/quantity/", requests.change_quantity, name="quantity"),
    path("<str:ref>/lines/<int:position>/product/", requests.name_product, name="product"),
    path("<str:ref>/<str:verb>/", requests.take, name="take"),
]
pages = [path("requests/", include((own_pages, "demand")))]
