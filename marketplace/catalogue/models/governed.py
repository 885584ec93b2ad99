"""Master data that changes only by a proposal which somebody else reviews: versions, proposals and substitutes."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from marketplace.catalogue.states import PROPOSAL, SUBSTITUTE, ProposalState
from marketplace.foundation.fields import ExactDecimalField
from marketplace.foundation.models import Stateful, state_known


def of_one(name: str) -> models.CheckConstraint:
    """Return the constraint that a row is about exactly one product, category or substitute."""
    kinds = ("product", "category", "substitute")
    one = [Q(**{f"{kind}__isnull": kind != chosen for kind in kinds}) for chosen in kinds]
    return models.CheckConstraint(condition=one[0] | one[1] | one[2], name=name)


class Substitute(Stateful):
    """That one product may be replaced by another, in this direction.

    ratio        how many base units of the replacement stand for one of the product
    conditions   under which it may be, in words
    version      of what was agreed; 0 until somebody has reviewed it
    """

    machine = SUBSTITUTE

    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    replacement = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    ratio = ExactDecimalField(default=Decimal(1))
    conditions = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            state_known(SUBSTITUTE, "substitute_state_known"),
            models.CheckConstraint(condition=Q(ratio__gt=0), name="substitute_ratio_positive"),
            models.CheckConstraint(condition=~Q(product=F("replacement")), name="substitute_not_itself"),
            models.UniqueConstraint(fields=["product", "replacement"], name="substitute_once"),
        ]


class Proposal(Stateful):
    """A change of master data on its way from a draft over a review to a version.

    base_version   the version on which it was decided; it can become the next one alone
    content        what is to change: a product's fields; a category's {"attributes", "values", "fill"}; a substitute's
                   {"ratio", "conditions"}
    """

    machine = PROPOSAL

    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, null=True, related_name="+")
    category = models.ForeignKey("catalogue.Category", on_delete=models.PROTECT, null=True, related_name="+")
    substitute = models.ForeignKey(Substitute, on_delete=models.PROTECT, null=True, related_name="+")
    base_version = models.PositiveIntegerField()
    content = models.JSONField()
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    why = models.TextField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            state_known(PROPOSAL, "proposal_state_known"),
            of_one("proposal_of_one_thing"),
            models.CheckConstraint(condition=~Q(why=""), name="proposal_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.PUBLISHED.value) | ~Q(decided_by__in=["", F("proposed_by")]),
                name="proposal_four_eyes",
            ),
        ]


class Version(models.Model):
    """Master data as it stood from a moment on, and what changed then. Append-only.

    content   all of it
    changes   {name: [before, after]}
    """

    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, null=True, related_name="+")
    category = models.ForeignKey("catalogue.Category", on_delete=models.PROTECT, null=True, related_name="+")
    substitute = models.ForeignKey(Substitute, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    changes = models.JSONField()
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_by = models.CharField(max_length=80)
    reviewed_by = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    why = models.TextField(blank=True)

    class Meta:
        constraints = [
            of_one("version_of_one_thing"),
            models.CheckConstraint(condition=~Q(proposed_by=F("reviewed_by")), name="version_four_eyes"),
            models.UniqueConstraint(fields=["product", "number"], name="product_version_once"),
            models.UniqueConstraint(fields=["category", "number"], name="category_version_once"),
            models.UniqueConstraint(fields=["substitute", "number"], name="substitute_version_once"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
