"""How the catalogue looks at the API's door, and what may be sent there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from marketplace.catalogue import models, rules


def exact(**more: Any) -> serializers.DecimalField:
    """Return the field of a quantity or rate: at most six places, never a float."""
    return serializers.DecimalField(max_digits=19, decimal_places=6, normalize_output=True, **more)


class CategorySerializer(serializers.ModelSerializer[models.Category]):
    parent_code = serializers.CharField(source="parent.code", read_only=True, allow_null=True, default=None)
    deposit_percent = exact(read_only=True)
    fee_percent = exact(read_only=True)
    minimum = exact(read_only=True)
    withdrawal_percent = exact(read_only=True)
    smaller_pack = exact(read_only=True, allow_null=True)
    sample_fee_percent = exact(read_only=True)

    class Meta:
        model = models.Category
        fields = [
            "code",
            "parent_code",
            "name_en",
            "name_zh",
            "attributes",
            "deposit_percent",
            "fee_percent",
            "allocation_rule",
            "window",
            "region_scope",
            "minimum",
            "fallbacks",
            "extend_days",
            "filling_days",
            "withdrawal_percent",
            "opens_pools",
            "smaller_pack",
            "sample_fee_percent",
            "rule_revision",
            "version",
        ]
        read_only_fields = fields


class ProductSerializer(serializers.ModelSerializer[models.Product]):
    category = serializers.CharField(source="category.code", read_only=True)
    verbs = serializers.ListField(child=serializers.CharField(), read_only=True)
    pack_size = exact(read_only=True)
    tax_rate_percent = exact(read_only=True)
    weight_kg = exact(read_only=True, allow_null=True)
    merged_into = serializers.CharField(source="merged_into.ref", read_only=True, allow_null=True, default=None)

    class Meta:
        model = models.Product
        fields = [
            "ref",
            "state",
            "revision",
            "verbs",
            "code",
            "name_en",
            "name_zh",
            "category",
            "attributes",
            "unit",
            "pack_size",
            "tax_code",
            "tax_rate_percent",
            "weight_kg",
            "version",
            "merged_into",
        ]
        read_only_fields = fields


class NewProductSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=200)
    name_en = serializers.CharField(max_length=400)
    name_zh = serializers.CharField(max_length=400, required=False, default="", allow_blank=True)
    category_code = serializers.CharField(max_length=80)
    attributes = serializers.DictField(required=False)
    unit = serializers.CharField(max_length=40)
    pack_size = exact(required=False, default=Decimal(1))
    tax_code = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    tax_rate_percent = exact(required=False, default=Decimal(13))
    weight_kg = exact(required=False, allow_null=True)


class _StandingRuleSerializer(serializers.Serializer[Any]):
    deposit_percent = exact(required=False)
    fee_percent = exact(required=False)
    allocation_rule = serializers.ChoiceField(rules.ALLOCATION_RULES, required=False)
    window = serializers.ChoiceField(rules.WINDOWS, required=False)
    region_scope = serializers.ChoiceField(rules.REGION_SCOPES, required=False)
    minimum = exact(required=False)
    fallbacks = serializers.ListField(child=serializers.ChoiceField(rules.FALLBACKS), required=False)
    extend_days = serializers.IntegerField(required=False)
    filling_days = serializers.IntegerField(required=False)
    withdrawal_percent = exact(required=False)
    opens_pools = serializers.BooleanField(required=False)
    smaller_pack = exact(required=False, allow_null=True)
    sample_fee_percent = exact(required=False)


class NewCategorySerializer(_StandingRuleSerializer):
    code = serializers.CharField(max_length=80)
    name_en = serializers.CharField(max_length=200)
    name_zh = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    parent_code = serializers.CharField(max_length=80, required=False, allow_null=True)
    attributes = serializers.ListField(child=serializers.DictField(), required=False, default=list)
    deposit_percent = exact(required=False, allow_null=True)
    fee_percent = exact(required=False, allow_null=True)


class StandingRuleSerializer(_StandingRuleSerializer):
    revision = serializers.IntegerField(required=False, min_value=0)
    why = serializers.CharField(max_length=500)


class RuleChangeSerializer(serializers.ModelSerializer[models.StandingRuleChange]):
    class Meta:
        model = models.StandingRuleChange
        fields = ["revision", "before", "after", "by", "at", "why"]
        read_only_fields = fields


class _ProposingSerializer(serializers.Serializer[Any]):
    draft = serializers.BooleanField(required=False, default=False)
    proposal_ref = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    why = serializers.CharField(max_length=500)


class NewVersionSerializer(_ProposingSerializer):
    name_en = serializers.CharField(max_length=400, required=False)
    name_zh = serializers.CharField(max_length=400, required=False, allow_blank=True)
    category_code = serializers.CharField(max_length=80, required=False)
    attributes = serializers.DictField(required=False)
    pack_size = exact(required=False)
    tax_code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    tax_rate_percent = exact(required=False)
    weight_kg = exact(required=False, allow_null=True)


class NewDefinitionsSerializer(_ProposingSerializer):
    attributes = serializers.ListField(child=serializers.DictField())
    values = serializers.DictField(child=serializers.DictField(), required=False)
    fill = serializers.DictField(required=False)


class NewSubstituteSerializer(_ProposingSerializer):
    replacement_ref = serializers.CharField(max_length=40)
    ratio = exact(required=False, allow_null=True)
    conditions = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class MergeSerializer(serializers.Serializer[Any]):
    merge_ref = serializers.CharField(max_length=40)
    ratio = exact(required=False, allow_null=True)
    all_the_same = serializers.BooleanField(required=False, default=False)
    why = serializers.CharField(max_length=500)


class VersionSerializer(serializers.Serializer[Any]):
    """A version; who proposed and reviewed it is for staff."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    proposed_by = serializers.CharField()
    reviewed_by = serializers.CharField()
    why = serializers.CharField()
    changes = serializers.DictField()
    content = serializers.DictField()


class DefinitionsSerializer(serializers.Serializer[Any]):
    """What a category defines itself, and what holds there with what it inherits."""

    version = serializers.IntegerField()
    own = serializers.ListField(child=serializers.DictField())
    attributes = serializers.ListField(child=serializers.DictField())


class ReplacementSerializer(serializers.Serializer[Any]):
    substitute_ref = serializers.CharField()
    version = serializers.IntegerField()
    ref = serializers.CharField()
    code = serializers.CharField()
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    unit = serializers.CharField()
    ratio = serializers.DecimalField(max_digits=25, decimal_places=12, normalize_output=True)
    conditions = serializers.CharField()


class SubstituteSerializer(serializers.ModelSerializer[models.Substitute]):
    verbs = serializers.ListField(child=serializers.CharField(), read_only=True)
    product = serializers.CharField(source="product.ref", read_only=True)
    replacement = serializers.CharField(source="replacement.ref", read_only=True)
    ratio = exact(read_only=True)

    class Meta:
        model = models.Substitute
        fields = ["ref", "state", "revision", "verbs", "product", "replacement", "ratio", "conditions", "version"]
        read_only_fields = fields


class ProposalSerializer(serializers.ModelSerializer[models.Proposal]):
    verbs = serializers.ListField(child=serializers.CharField(), read_only=True)
    product = serializers.CharField(source="product.ref", read_only=True, allow_null=True, default=None)
    category = serializers.CharField(source="category.code", read_only=True, allow_null=True, default=None)
    substitute = serializers.CharField(source="substitute.ref", read_only=True, allow_null=True, default=None)

    class Meta:
        model = models.Proposal
        fields = [
            "ref",
            "state",
            "revision",
            "verbs",
            "product",
            "category",
            "substitute",
            "base_version",
            "content",
            "proposed_by",
            "proposed_at",
            "why",
            "decided_by",
            "decided_at",
        ]
        read_only_fields = fields


class ConflictSerializer(serializers.Serializer[Any]):
    product_ref = serializers.CharField()
    name = serializers.CharField()
    reason = serializers.CharField()


class CandidatesSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(["attributes", "identifier"])
    value = serializers.CharField()
    refs = serializers.ListField(child=serializers.CharField())
    codes = serializers.ListField(child=serializers.CharField())
    names = serializers.ListField(child=serializers.CharField())


class NewIdentifierSerializer(serializers.Serializer[Any]):
    scheme = serializers.RegexField("^[a-z0-9.]{1,20}$")
    value = serializers.CharField(max_length=200)


class TierSerializer(serializers.Serializer[Any]):
    from_quantity = exact()
    unit_price = exact()
    currency = serializers.RegexField("^[A-Z]{3}$", required=False, default="CNY")


class PriceListSerializer(serializers.Serializer[Any]):
    tiers = TierSerializer(many=True, allow_empty=False)
