"""The tables of market plans: when every line of a market would best be bought.

A plan has up to millions of lines. They are written by COPY on PostgreSQL and by executemany on SQLite, and read back
as columns: never as objects one by one.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.foundation.fields import MoneyMinorField
from marketplace.foundation.models import at_least


class MarketPlan(models.Model):
    """One market planned: what pooling its lines over closing days costs, and what no plan can undercut.

    Money is in the smallest coin. `total` is empty until every part is decided. `estimate` says that it rests on
    indicative prices and assumptions, which `note` names. `regions` and `products` name the numbers in the lines, where
    they are not the file's own.
    """

    ref = models.CharField(max_length=40, unique=True)
    source = models.CharField(max_length=80)
    problem_sha256 = models.CharField(max_length=64, blank=True)
    effort = models.CharField(max_length=8)
    estimate = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    total = MoneyMinorField(null=True)
    bound = MoneyMinorField(null=True)
    alone = MoneyMinorField(null=True)
    lines = models.PositiveBigIntegerField()
    left_out = models.PositiveBigIntegerField(default=0)
    pools = models.PositiveBigIntegerField(default=0)
    components = models.PositiveBigIntegerField(default=0)
    exact_components = models.PositiveBigIntegerField(default=0)
    exact_quantity = models.PositiveBigIntegerField(default=0)
    quantity = models.PositiveBigIntegerField()
    products = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    planned_by = models.CharField(max_length=80)
    planned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(bound__lte=F("total")), name="plan_costs_at_least_its_bound"
            ),
            models.CheckConstraint(
                condition=Q(exact_components__lte=F("components")), name="plan_exact_among_components"
            ),
            models.CheckConstraint(condition=Q(left_out__lte=F("lines")), name="plan_left_out_among_lines"),
            at_least("total", 0, "plan_total_not_negative"),
            at_least("bound", 0, "plan_bound_not_negative"),
            at_least("alone", 0, "plan_alone_not_negative"),
        ]

    def __str__(self) -> str:
        return self.ref


class MarketPlanLine(models.Model):
    """One line of a plan: what was asked, and the closing day it is planned for; no day: it is left out."""

    pk = models.CompositePrimaryKey("plan_id", "line")
    plan = models.ForeignKey(MarketPlan, on_delete=models.CASCADE, related_name="+", db_index=False)
    line = models.BigIntegerField()
    product = models.BigIntegerField()
    region = models.BigIntegerField()
    quantity = models.BigIntegerField()
    earliest = models.BigIntegerField()
    deadline = models.BigIntegerField()
    ceiling = models.BigIntegerField()
    closing = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            at_least("quantity", 1, "plan_line_quantity_positive"),
            at_least("ceiling", 0, "plan_line_ceiling_not_negative"),
            models.CheckConstraint(
                condition=Q(closing__isnull=True) | Q(closing__gte=F("earliest"), closing__lte=F("deadline")),
                name="plan_line_closes_in_its_window",
            ),
            models.CheckConstraint(condition=Q(earliest__lte=F("deadline")), name="plan_line_window_runs_forward"),
        ]
        indexes = [models.Index(fields=["plan", "product"], name="plan_line_of_product")]


class MarketPlanPart(models.Model):
    """A range of a plan's products, to be decided better by whoever claims it first.

    tiers    [product, from, price] of the range
    until    the lease of who works on it; past that, anybody may claim it again
    figures  what the part came to; empty until it is done
    """

    plan = models.ForeignKey(MarketPlan, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    first_product = models.BigIntegerField()
    last_product = models.BigIntegerField()
    tiers = models.JSONField()
    until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    figures = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_part_once")]
