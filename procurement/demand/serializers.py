"""How demand looks at the API's door, and what may be sent there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from procurement.demand import models, queries


def exact(**more: Any) -> serializers.DecimalField:
    """Return the field of a quantity or price: at most six places, as text, never a float."""
    return serializers.DecimalField(max_digits=19, decimal_places=6, normalize_output=True, **more)


class ChangeOut(serializers.Serializer[Any]):
    """A quantity as it was, as it became, and who changed it when."""

    from_quantity = exact()
    to_quantity = exact()
    from_tolerance = exact()
    to_tolerance = exact()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    why = serializers.CharField()


class FreightOut(serializers.Serializer[Any]):
    """What the source said of a line's freight, and the line's share of its shipment's, in the smallest coin."""

    shipment = serializers.CharField()
    status = serializers.CharField()
    currency = serializers.CharField()
    stated_minor = serializers.IntegerField(allow_null=True)
    share_minor = serializers.IntegerField(allow_null=True)
    basis = serializers.CharField()


class LineOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    position = serializers.IntegerField()
    state = serializers.CharField(source="line_state")
    product = serializers.CharField(source="product_ref", allow_null=True)
    product_code = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    quantity = exact()
    tolerance = exact()
    unit = serializers.CharField()
    needed_from = serializers.DateField()
    needed_to = serializers.DateField()
    region = serializers.CharField()
    ceiling = exact(allow_null=True)
    unit_price = exact(allow_null=True)
    stated_value = exact(allow_null=True)
    currency = serializers.CharField()
    vendor = serializers.CharField()
    changes = ChangeOut(many=True)
    freight = FreightOut(required=False)


class RequestOut(serializers.ModelSerializer[models.PurchaseRequest]):
    buyer = serializers.CharField(source="buyer_ref")
    site = serializers.CharField(source="site_ref", allow_null=True)
    batch = serializers.CharField(source="batch_ref", allow_null=True)
    lines = serializers.IntegerField(source="line_count", allow_null=True)
    verbs = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = models.PurchaseRequest
        fields = [
            "ref", "state", "revision", "verbs", "buyer", "site", "currency", "requested_by", "opened_at", "note",
            "external_ref", "batch", "lines",
        ]  # fmt: skip
        read_only_fields = fields


class RequestDetail(RequestOut):
    """A request with its lines."""

    lines = serializers.SerializerMethodField()  # type: ignore[assignment]

    def get_lines(self, request: models.PurchaseRequest) -> list[dict[str, Any]]:
        return LineOut(queries.request_lines(request.ref), many=True).data  # type: ignore[return-value]


class LineIn(serializers.Serializer[Any]):
    """A want: a product by its ref, or a description in words."""

    product = serializers.CharField(source="product_ref", max_length=40, required=False, allow_null=True, default=None)
    text = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    quantity = exact()
    tolerance = exact(required=False, default=Decimal(0))
    unit = serializers.CharField(max_length=40)
    needed_from = serializers.DateField()
    needed_to = serializers.DateField(help_text="the first day on which it is too late")
    region = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    ceiling = exact(required=False, allow_null=True, default=None)


class RequestIn(serializers.Serializer[Any]):
    currency = serializers.RegexField("^[A-Z]{3}$", required=False, default="CNY")
    site = serializers.CharField(source="site_ref", max_length=40, required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    external_ref = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    lines = LineIn(many=True, required=False)


class QuantityIn(serializers.Serializer[Any]):
    quantity = exact()
    tolerance = exact(required=False, allow_null=True, default=None)
    why = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class ProductIn(serializers.Serializer[Any]):
    product = serializers.CharField(source="product_ref", max_length=40)


class SuggestionOut(serializers.ModelSerializer[models.MatchSuggestion]):
    """A product that a line in words may mean; `confidence` is 0 to 1, `rank` 1 the likeliest."""

    request = serializers.CharField(source="request_ref")
    position = serializers.IntegerField()
    text = serializers.CharField()
    buyer = serializers.CharField(source="buyer_ref")
    product = serializers.CharField(source="product_ref")
    product_code = serializers.CharField()
    verbs = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = models.MatchSuggestion
        fields = [
            "ref", "state", "revision", "verbs", "buyer", "request", "position", "text", "product", "product_code",
            "rank", "confidence", "reasons", "origin", "suggested_at", "decided_by", "decided_at",
        ]  # fmt: skip
        read_only_fields = fields


class BatchOut(serializers.ModelSerializer[models.ImportBatch]):
    """A file that was imported; `report` has its figures and the errors of rows left out."""

    class Meta:
        model = models.ImportBatch
        fields = [
            "ref", "file_name", "file_sha256", "mapping_name", "take_good", "rows", "lines", "skipped", "errors",
            "report", "imported_by", "imported_at",
        ]  # fmt: skip
        read_only_fields = fields


class ImportIn(serializers.Serializer[Any]):
    """A table and how to read it: as multipart with `file`, or as JSON with the file's bytes in base64."""

    mapping = serializers.RegexField("^[a-z0-9][a-z0-9_-]*$", max_length=60)
    take_good = serializers.BooleanField(required=False, default=False)
    file = serializers.FileField(required=False, allow_empty_file=True, max_length=200)
    file_name = serializers.CharField(max_length=200, required=False, default="upload")
    content = serializers.CharField(required=False, trim_whitespace=False, help_text="base64")


class MappingOut(serializers.ModelSerializer[models.ColumnMapping]):
    class Meta:
        model = models.ColumnMapping
        fields = ["name", "text", "saved_by", "saved_at"]
        read_only_fields = fields


class MappingIn(serializers.Serializer[Any]):
    name = serializers.RegexField("^[a-z0-9][a-z0-9_-]*$", max_length=60)
    text = serializers.CharField(max_length=262_144, trim_whitespace=False, help_text="TOML")
