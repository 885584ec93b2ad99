"""Products, the names others know them by, and what was merged with what."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from marketplace.catalogue.states import PRODUCT, ProductState
from marketplace.foundation.fields import ExactDecimalField
from marketplace.foundation.models import Stateful, at_least, state_known


class Product(Stateful):
    """One thing that is traded, counted in one base unit (UN/ECE Rec 20) and sold in packs of `pack_size` of it.

    version       the one in force; it changes by `amend` alone
    match_key     what two products share that are one to whoever needs them (`rules.match_key`); empty: nothing
    merged_into   the product that is kept instead of this one, never itself merged
    merge_ratio   how many base units of the kept product one base unit of this one is
    """

    machine = PRODUCT

    code = models.CharField(max_length=200, unique=True)
    name_en = models.CharField(max_length=400)
    name_zh = models.CharField(max_length=400, blank=True)
    category = models.ForeignKey("catalogue.Category", on_delete=models.PROTECT, related_name="+")
    attributes = models.JSONField(default=dict)
    unit = models.CharField(max_length=3)
    pack_size = ExactDecimalField(default=Decimal(1))
    tax_code = models.CharField(max_length=40, blank=True)
    tax_rate_percent = ExactDecimalField(default=Decimal(13))
    weight_kg = ExactDecimalField(null=True)
    registered_by = models.CharField(max_length=80)
    registered_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    match_key = models.CharField(max_length=64, blank=True, default="")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    merge_ratio = ExactDecimalField(null=True)

    class Meta:
        indexes = [models.Index(fields=["match_key", "id"], condition=~Q(match_key=""), name="product_match_key")]
        constraints = [
            state_known(PRODUCT, "product_state_known"),
            models.CheckConstraint(condition=Q(pack_size__gt=0), name="product_pack_positive"),
            models.CheckConstraint(condition=Q(tax_rate_percent__range=(0, 100)), name="product_tax_is_a_share"),
            at_least("weight_kg", 0, "product_weight_not_negative"),
            models.CheckConstraint(condition=Q(merge_ratio__gt=0), name="product_merge_ratio_positive"),
            models.CheckConstraint(
                condition=Q(state=ProductState.MERGED.value, merged_into__isnull=False, merge_ratio__isnull=False)
                | (~Q(state=ProductState.MERGED.value) & Q(merged_into__isnull=True, merge_ratio__isnull=True)),
                name="product_merged_into_another",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="product_not_merged_into_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.name_en} ({self.ref})"


class Identifier(models.Model):
    """A name by which others know a product; `doubt` is what the scheme's standard holds against it."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=20)
    value = models.CharField(max_length=200)
    doubt = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "value"], name="identifier_once")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class MergeStep(models.Model):
    """One merge or split: `merged` into `kept`, or out of it again. Append-only.

    ratio   how many base units of the kept product one of the merged one is
    odds    must-match attributes in which the two differed when they were merged all the same: {name: [merged, kept]}
    """

    merged = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    kept = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=8)
    ratio = ExactDecimalField()
    odds = models.JSONField(default=dict)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    why = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verb__in=["merge", "split"]), name="merge_step_verb_known"),
            models.CheckConstraint(condition=Q(ratio__gt=0), name="merge_step_ratio_positive"),
            models.CheckConstraint(condition=~Q(merged=F("kept")), name="merge_step_of_two"),
            models.CheckConstraint(condition=~Q(why=""), name="merge_step_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} {self.verb} {self.kept_id}"
