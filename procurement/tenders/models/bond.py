"""What secures a bid, and what firms are known for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful, state_known
from procurement.tenders.models.tender import Tender
from procurement.tenders.states import BOND, BondState


class BidBond(Stateful):
    """Money of a supplier held on the ledger so that it may bid; lodged without telling whether it will.

    Its ref is drawn by lot: a counted one would tell how many rivals lodged before.
    """

    machine = BOND

    state = models.CharField(max_length=24, default=BondState.LODGED.value)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="bonds")
    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    supplier_ref = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    amount_minor = MoneyMinorField()
    lodged_by = models.CharField(max_length=80)
    lodged_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            state_known(BOND, "bid_bond_state_known"),
            models.UniqueConstraint(
                fields=["tender", "supplier"], condition=Q(state=BondState.LODGED.value), name="bid_bond_one_lodged"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="bid_bond_amount_positive"),
            models.CheckConstraint(
                condition=~Q(state=BondState.FORFEITED.value) | ~Q(reason=""), name="bid_bond_forfeited_with_reason"
            ),
        ]


class SupplierScore(models.Model):
    """What a scorecard said of a supplier on a day: 0 to 100. Append-only; the latest holds."""

    supplier = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    supplier_ref = models.CharField(max_length=40)
    as_of = models.DateField()
    score = ExactDecimalField()
    basis = models.JSONField(default=dict)
    recorded_by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier", "as_of"], name="supplier_score_once_a_day"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="supplier_score_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_ref}: {self.score} on {self.as_of}"
