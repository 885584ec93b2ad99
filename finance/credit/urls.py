"""Addresses of credit."""

from __future__ import annotations

from django.urls import include, path, re_path

from finance.credit import web

own_pages = [
    path("", web.exposure, name="exposure"),
    path("requests/", web.requests, name="requests"),
    path("portfolio/", web.portfolio, name="portfolio"),
    path("early-payment/", web.early, name="early"),
    path("early-payment/<str:ref>/", web.ask, name="ask"),
    path("<str:ref>/", web.drawdown, name="drawdown"),
    re_path(r"^(?P<ref>[\w-]+)/(?P<verb>approve|refuse)/$", web.decide, name="decide"),
]
pages = [path("funding/", include((own_pages, "credit")))]
