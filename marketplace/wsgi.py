"""The web's entry point."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

import marketplace.celery  # noqa: F401  (the doorbell must be wired before the first request)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

application = get_wsgi_application()
