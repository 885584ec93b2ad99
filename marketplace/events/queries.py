"""What may be asked of the trail."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from marketplace.events import models


def history(ref: str) -> QuerySet[models.StateChange]:
    """Return the steps of the thing named `ref`, oldest first."""
    return models.StateChange.objects.filter(ref=ref).order_by("revision", "id")


def waiting(at: datetime) -> int:
    """Return how many facts are due and not yet handed on."""
    return models.OutboxEvent.objects.filter(relayed_at__isnull=True, due_at__lte=at).count()


def stuck(at: datetime) -> QuerySet[models.OutboxEvent]:
    """Return the facts that some handler failed on and that still wait, longest first."""
    return models.OutboxEvent.objects.filter(relayed_at__isnull=True, attempts__gt=0).order_by("recorded_at", "id")
