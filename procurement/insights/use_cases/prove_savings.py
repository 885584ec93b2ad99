"""A billed pool proves what each of its members saved, with the evidence."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.catalogue import queries as catalogue
from marketplace.kernel.money import Money, Rate
from procurement.delivery import queries as delivery
from procurement.demand import queries as demand
from procurement.insights import models
from procurement.insights.rules import prove
from procurement.pools import queries as pools


@transaction.atomic
def prove_savings(*, pool_ref: str, by: str, at: datetime) -> int:
    """Keep what each member of a billed pool saved against each baseline; return how many rows. Twice is once."""
    view = pools.pool(pool_ref)
    bills = delivery.bills([view.id])
    if not bills or models.Saving.objects.filter(pool_id=view.id).exists():
        return 0
    last_prices = demand.last_prices({(bill.buyer_id, view.product_id) for bill in bills}, view.window_start)
    tiers = catalogue.price_list(view.product_id)
    ceilings = {
        member.commitment_id: Rate(member.ceiling, view.currency)
        for member in pools.members(pool_ref)
        if member.ceiling is not None
    }
    rows = []
    for bill in bills:
        paid: Money = bill.goods + bill.freight + bill.fee
        proofs = prove(
            bill.quantity,
            paid,
            last_price=last_prices.get((bill.buyer_id, view.product_id)),
            tiers=tiers,
            ceiling=ceilings.get(bill.commitment_id),
        )
        rows += [
            models.Saving(
                pool_id=view.id,
                commitment_id=bill.commitment_id,
                buyer_id=bill.buyer_id,
                baseline=proof.baseline.value,
                evidence=proof.evidence,
                headline=place == 0,
                quantity=bill.quantity,
                currency=paid.currency,
                baseline_price=proof.price.amount.quantize(Decimal("0.000001")),
                paid_minor=paid.minor,
                saved_minor=proof.saved.minor,
                proved_at=at,
            )
            for place, proof in enumerate(proofs)
        ]
    models.Saving.objects.bulk_create(rows, batch_size=500)
    return len(rows)
