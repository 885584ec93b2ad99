"""The tables of what happened."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class OutboxEvent(models.Model):
    """A fact waiting to be handed on; claimed by conditional update, marked when every handler has had it."""

    name = models.CharField(max_length=80)
    source_ref = models.CharField(max_length=80)
    payload = models.JSONField()
    recorded_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    relayed_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(relayed_at__isnull=True), name="outbox_waiting"),
            models.Index(fields=["source_ref"], name="outbox_source"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.source_ref}"


class InboxEntry(models.Model):
    """One handler has had one fact."""

    handler = models.CharField(max_length=160)
    event = models.ForeignKey(OutboxEvent, on_delete=models.PROTECT, related_name="+")
    handled_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handler", "event"], name="inbox_once")]

    def __str__(self) -> str:
        return f"{self.handler} had {self.event_id}"


class StateChange(models.Model):
    """One step of one thing: who, when, by which verb, from where to where, and why. Append-only."""

    machine = models.CharField(max_length=40)
    ref = models.CharField(max_length=40)
    revision = models.PositiveIntegerField()
    verb = models.CharField(max_length=40)
    from_state = models.CharField(max_length=24)
    to_state = models.CharField(max_length=24)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    why = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["machine", "ref", "revision"], name="state_change_once")]

    def __str__(self) -> str:
        return f"{self.ref}: {self.verb} -> {self.to_state}"


class IdempotencyKey(models.Model):
    """The answer to one keyed request, kept so that its repetition gets the same answer."""

    actor = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.actor} {self.key}"


class RefCounter(models.Model):
    """The last number given out for a kind of ref in a year."""

    prefix = models.CharField(max_length=2)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="ref_counter_once")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.last:04d}"
