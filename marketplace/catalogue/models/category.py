"""The tree, and the standing rule of each branch."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from marketplace.catalogue.rules import ALLOCATION_RULES, MOST_DAYS, REGION_SCOPES, WINDOWS
from marketplace.foundation.fields import ExactDecimalField
from marketplace.foundation.models import at_least


def released_alone() -> list[str]:
    """Return what a pool does that misses its minimum when nobody said otherwise."""
    return ["release"]


class Category(models.Model):
    """A branch of the tree, with the attributes its products have and the standing rule by which their pools run.

    minimum              what a pool must gather, in the product's base unit
    fallbacks            out of `rules.FALLBACKS`, in the order they are tried when it does not
    extend_days          by how many days `extend` moves a pool's closing
    filling_days         for how many days before freezing a pool takes only what reduces its shortage
    withdrawal_percent   of the deposit, lost by whoever withdraws after freezing
    opens_pools          whether demand opens pools by itself
    smaller_pack         the pack that the fallback of that name turns to, in the base unit
    sample_fee_percent   the service fee of a sample pool, of the goods' value
    rule_revision        how often the standing rule was changed
    version              of the attributes it defines itself; what it inherits has its own
    """

    code = models.CharField(max_length=80, unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    attributes = models.JSONField(default=list)
    deposit_percent = ExactDecimalField(default=Decimal(10))
    fee_percent = ExactDecimalField(default=Decimal(1))
    allocation_rule = models.CharField(max_length=20, default="first_come")
    window = models.CharField(max_length=8, default="month")
    region_scope = models.CharField(max_length=8, default="each")
    minimum = ExactDecimalField(default=Decimal(0))
    fallbacks = models.JSONField(default=released_alone)
    extend_days = models.PositiveSmallIntegerField(default=7)
    filling_days = models.PositiveSmallIntegerField(default=0)
    withdrawal_percent = ExactDecimalField(default=Decimal(100))
    opens_pools = models.BooleanField(default=True)
    smaller_pack = ExactDecimalField(null=True)
    sample_fee_percent = ExactDecimalField(default=Decimal(0))
    rule_revision = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(deposit_percent__range=(0, 100)), name="category_deposit_is_a_share"),
            models.CheckConstraint(condition=Q(fee_percent__range=(0, 100)), name="category_fee_is_a_share"),
            models.CheckConstraint(condition=Q(allocation_rule__in=ALLOCATION_RULES), name="category_rule_known"),
            models.CheckConstraint(condition=Q(window__in=WINDOWS), name="category_window_known"),
            models.CheckConstraint(condition=Q(region_scope__in=REGION_SCOPES), name="category_scope_known"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="category_not_its_own_parent"),
            at_least("minimum", 0, "category_minimum_not_negative"),
            models.CheckConstraint(condition=Q(extend_days__range=(1, MOST_DAYS)), name="category_extends_by_days"),
            models.CheckConstraint(condition=Q(filling_days__range=(0, MOST_DAYS)), name="category_fills_for_days"),
            models.CheckConstraint(
                condition=Q(withdrawal_percent__range=(0, 100)), name="category_withdrawal_is_a_share"
            ),
            models.CheckConstraint(condition=Q(smaller_pack__gt=0), name="category_smaller_pack_positive"),
            models.CheckConstraint(
                condition=Q(sample_fee_percent__range=(0, 100)), name="category_sample_fee_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class StandingRuleChange(models.Model):
    """One change of a category's standing rule: what stood before and what stands since. Append-only."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()
    before = models.JSONField()
    after = models.JSONField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    why = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["category", "revision"], name="standing_rule_change_once"),
            models.CheckConstraint(condition=~Q(why=""), name="standing_rule_change_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.category_id}: revision {self.revision}"
