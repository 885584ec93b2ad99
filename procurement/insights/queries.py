"""What may be asked about effects."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, QuerySet, Sum

from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from procurement.insights import models


@dataclass(frozen=True)
class BuyerSaving:
    """What a buyer paid and saved in one currency against one kind of baseline, over its headline savings."""

    buyer_ref: str
    buyer: str
    baseline: str
    pools: int
    paid: Money
    saved: Money

    @property
    def percent(self) -> Decimal:
        """Saved, in per cent of what the baseline would have cost."""
        base = self.paid.amount + self.saved.amount
        return (100 * self.saved.amount / base).quantize(Decimal("0.1")) if base else Decimal("0.0")


def savings_for(actor: Actor) -> QuerySet[models.Saving]:
    """Return the actor's own savings, newest first; all for staff."""
    rows = models.Saving.objects.select_related("pool__product", "buyer").order_by("-id")
    if actor.staff:
        return rows
    return rows.filter(buyer__ref=actor.organisation) if actor.organisation else rows.none()


def savings_per_buyer(actor: Actor) -> list[BuyerSaving]:
    """Return the headline savings the actor may see, per buyer, baseline and currency, most saved first."""
    sums = (
        savings_for(actor)
        .order_by()
        .filter(headline=True)
        .values("buyer__ref", "baseline", "currency", name=F("buyer__legal_name"))
        .annotate(paid=Sum("paid_minor"), saved=Sum("saved_minor"), pools=Count("pool", distinct=True))
    )
    found = [
        BuyerSaving(
            buyer_ref=row["buyer__ref"],
            buyer=row["name"],
            baseline=row["baseline"],
            pools=row["pools"],
            paid=Money.from_minor(int(row["paid"]), row["currency"]),
            saved=Money.from_minor(int(row["saved"]), row["currency"]),
        )
        for row in sums
    ]
    return sorted(found, key=lambda saving: (-saving.saved.amount, saving.buyer_ref, saving.baseline))
