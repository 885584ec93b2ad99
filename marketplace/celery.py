"""The Celery application. Entry points load it; nothing else needs to."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

app = Celery("jicai")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
