"""Every address of the house, named by module path so that the gate imports no door."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.utils.module_loading import import_string
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

# Each app's urls.py gives `api` (its routes below /api/v1/) or `pages`, or both.
API_APPS: list[str] = [
    "marketplace.parties",
    "marketplace.catalogue",
    "procurement.demand",
    "procurement.pools",
    "procurement.tenders",
    "procurement.contracts",
    "procurement.capacity",
    "procurement.delivery",
    "procurement.insights",
    "finance.ledger",
    "finance.credit",
    "finance.invoicing",
    "finance.treasury",
    "finance.settlement",
]
PAGE_APPS: list[str] = [
    "marketplace.parties",
    "procurement.demand",
    "procurement.pools",
    "procurement.tenders",
    "procurement.contracts",
    "procurement.capacity",
    "procurement.delivery",
    "procurement.insights",
    "finance.invoicing",
    "finance.credit",
    "finance.treasury",
    "finance.settlement",
]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="api-docs"),
    *(path("api/v1/", include(import_string(f"{app}.urls.api"))) for app in API_APPS),
    *(path("", include(import_string(f"{app}.urls.pages"))) for app in PAGE_APPS),
]
