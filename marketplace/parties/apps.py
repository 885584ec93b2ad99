"""The app, and the one row that must always be there: the platform itself."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.db.models.signals import post_migrate


class PartiesConfig(AppConfig):
    name = "marketplace.parties"
    label = "parties"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(found_platform, sender=self, dispatch_uid="parties.found_platform")


def found_platform(*, using: str, apps: Any = installed, **_: Any) -> None:
    """Make the platform's own organisation when it is not there yet, after migrating and after a test's emptying."""
    from marketplace.kernel import clock
    from marketplace.parties.queries import PLATFORM

    try:
        organisation = apps.get_model("parties", "Organisation")
    except LookupError:
        return
    founded = {"legal_name": "Jicai 集采", "name_norm": "jicai 集采", "country": "CN", "state": "verified"}
    organisation.objects.using(using).get_or_create(
        ref=PLATFORM,
        defaults={**founded, "is_platform": True, "registered_by": "system:founding", "registered_at": clock.now()},
    )
