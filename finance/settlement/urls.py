"""Addresses of settlement."""

from __future__ import annotations

from django.urls import include, path

from finance.settlement import web

own_pages = [
    path("", web.runs, name="runs"),
    path("<str:ref>/", web.run, name="run"),
    path("<str:ref>/progress/", web.progress, name="progress"),
]
pages = [path("settlement/", include((own_pages, "settlement")))]
