"""How settlement looks at the API's door."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.settlement import models


class ObligationSerializer(serializers.ModelSerializer[models.Obligation]):
    """Something due between us and the reader's organisation; `direction` in: it owes us, out: we owe it."""

    counterparty = serializers.CharField(source="counterparty.ref")
    direction = serializers.CharField(read_only=True)

    class Meta:
        model = models.Obligation
        fields = [
            "ref",
            "state",
            "revision",
            "kind",
            "direction",
            "counterparty",
            "currency",
            "amount_minor",
            "due_on",
            "source_ref",
        ]
        read_only_fields = fields


class RunSerializer(serializers.ModelSerializer[models.SettlementRun]):
    """A run, without its steps."""

    class Meta:
        model = models.SettlementRun
        fields = ["ref", "state", "revision", "business_date", "planned_by", "planned_at", "finished_at"]
        read_only_fields = fields


class ProgressSerializer(serializers.Serializer[Any]):
    """How far a run has come: steps by state."""

    run = serializers.CharField(source="run_ref")
    business_date = serializers.DateField()
    state = serializers.CharField()
    steps = serializers.DictField(child=serializers.IntegerField())
    ended = serializers.IntegerField()
    total = serializers.IntegerField()


class PlanSerializer(serializers.Serializer[Any]):
    business_date = serializers.DateField()


class StepSerializer(serializers.ModelSerializer[models.SettlementStep]):
    """One step of a run."""

    run = serializers.CharField(source="run.ref")
    counterparty = serializers.CharField(source="counterparty.ref", default="")

    class Meta:
        model = models.SettlementStep
        fields = [
            "ref",
            "state",
            "revision",
            "run",
            "kind",
            "key",
            "object_ref",
            "counterparty",
            "direction",
            "currency",
            "amount_minor",
            "set_off_minor",
            "attempt",
            "payment_ref",
            "last_error",
        ]
        read_only_fields = fields
