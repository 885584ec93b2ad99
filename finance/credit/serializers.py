"""How credit looks at the API's door, and what may be sent there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from finance.credit import models, rules


class FacilitySerializer(serializers.ModelSerializer[models.Facility]):
    """A facility as its financier sees it."""

    financier = serializers.CharField(source="financier.ref")
    obligor = serializers.CharField(source="obligor.ref")
    rate_percent = serializers.DecimalField(max_digits=19, decimal_places=6)
    verbs = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = models.Facility
        fields = [
            "ref",
            "state",
            "revision",
            "verbs",
            "financier",
            "obligor",
            "product",
            "currency",
            "limit_minor",
            "used_minor",
            "rate_percent",
            "day_count",
            "tenor_days",
            "opened_at",
        ]
        read_only_fields = fields


class NewFacilitySerializer(serializers.Serializer[Any]):
    limit_minor = serializers.IntegerField(min_value=1, max_value=2**62)
    currency = serializers.RegexField("^[A-Z]{3}$", default="CNY")
    rate_percent = serializers.DecimalField(max_digits=8, decimal_places=6, min_value=Decimal(0), max_value=Decimal(36))
    day_count = serializers.ChoiceField(rules.DAY_COUNTS, default="ACT/360")
    tenor_days = serializers.IntegerField(min_value=1, max_value=366, default=180)


class ReceivableSerializer(serializers.ModelSerializer[models.Receivable]):
    """A claim that may be financed, as its creditor sees it; `source_ref` is the invoice."""

    class Meta:
        model = models.Receivable
        fields = ["ref", "state", "revision", "source_ref", "currency", "face_minor", "due_on", "registered_at"]
        read_only_fields = fields


class OfferSerializer(serializers.Serializer[Any]):
    """To which facility a claim is offered; to the cheapest when none is named."""

    facility = serializers.RegexField("^FC-[0-9]{4}-[0-9]+$", required=False, allow_null=True, default=None)


class DrawdownSerializer(serializers.ModelSerializer[models.Drawdown]):
    """A drawdown as both sides see it."""

    facility = serializers.CharField(source="facility.ref")
    financier = serializers.CharField(source="facility.financier.ref")
    supplier = serializers.CharField(source="receivable.creditor.ref")
    source_ref = serializers.CharField(source="receivable.source_ref")
    rate_percent = serializers.DecimalField(source="facility.rate_percent", max_digits=19, decimal_places=6)
    day_count = serializers.CharField(source="facility.day_count")
    verbs = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = models.Drawdown
        fields = [
            "ref",
            "state",
            "revision",
            "verbs",
            "facility",
            "financier",
            "supplier",
            "source_ref",
            "currency",
            "face_minor",
            "discount_minor",
            "advance_minor",
            "rate_percent",
            "day_count",
            "funded_on",
            "matures_on",
            "repaid_on",
        ]
        read_only_fields = fields


class ExposureSerializer(serializers.Serializer[Any]):
    """What a facility has outstanding."""

    facility = serializers.CharField(source="facility_ref")
    financier = serializers.CharField(source="financier_ref")
    product = serializers.CharField()
    state = serializers.CharField()
    rate_percent = serializers.DecimalField(max_digits=19, decimal_places=6)
    currency = serializers.CharField(source="limit.currency")
    limit_minor = serializers.IntegerField(source="limit.minor")
    used_minor = serializers.IntegerField(source="used.minor")
    left_minor = serializers.IntegerField(source="left.minor")
    requested_minor = serializers.IntegerField(source="requested.minor")
    drawdowns = serializers.IntegerField()
    earned_minor = serializers.IntegerField(source="earned.minor")
