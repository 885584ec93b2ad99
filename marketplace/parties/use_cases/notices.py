"""Telling organisations what they should know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from marketplace.parties import models
from marketplace.parties.use_cases.organisations import load


@transaction.atomic
def notify(
    *, organisation_ref: str, text: str, about_ref: str, at: datetime, facts: Mapping[str, str] | None = None
) -> None:
    """Tell the members of an organisation something about a thing.

    text   an English template over `facts` (`gettext_noop("{pool} is frozen")`), worded in the reader's language
    """
    models.Notification.objects.create(
        organisation=load(organisation_ref), text=text, facts=dict(facts or {}), about_ref=about_ref, at=at
    )


@transaction.atomic
def mark_read(*, organisation_ref: str, up_to_id: int, by: str, at: datetime) -> int:
    """Mark an organisation's notifications up to a row id as read; return how many were new."""
    unread = models.Notification.objects.filter(
        organisation__ref=organisation_ref, id__lte=up_to_id, read_at__isnull=True
    )
    return unread.update(read_at=at)
