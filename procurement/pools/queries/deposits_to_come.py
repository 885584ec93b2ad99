"""What buyers need on account when the open pools freeze."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from marketplace.kernel.money import Money, total
from procurement.pools import models
from procurement.pools.queries.reading import Member, indicatives_of, members_of, slices
from procurement.pools.rules import Secured, deposits_of_want
from procurement.pools.states import JOINABLE


def deposits_to_come(freezing_by: datetime) -> dict[tuple[str, str], Money]:
    """Return what each buyer needs on account, by buyer ref and currency, when the open pools due by then freeze.

    Reckoned on all that a member may be allocated, tolerance included; zeros are left out.
    """
    found: dict[tuple[str, str], Money] = {}
    rows = models.Pool.objects.filter(state__in=JOINABLE, freeze_at__lte=freezing_by, deposit_percent__gt=0)
    for some in slices(rows.order_by("id").values_list("ref", flat=True), size=500):
        standing = {row.ref: row for row in models.Pool.objects.filter(ref__in=some)}
        steps = indicatives_of(list(standing.values()))
        for ref, members in members_of(some).items():
            pool = standing[ref]
            step = steps[pool.pk].at(pool.joined)
            for buyer, deposit in _deposits(pool, members, None if step is None else step.unit_price.amount):
                if deposit:
                    key = (buyer, pool.currency)
                    found[key] = found.get(key, Money.zero(pool.currency)) + deposit
    return found


def _deposits(pool: models.Pool, members: Iterable[Member], indicative: Decimal | None) -> list[tuple[str, Money]]:
    """Return the deposit of each want of a pool with its buyer's ref."""
    wants: dict[tuple[str, int | None], list[Secured]] = {}
    for member in members:
        row = Secured(member.asked + member.tolerance, member.ceiling, member.stated_price)
        wants.setdefault((member.buyer_ref, member.line_id), []).append(row)
    percent, currency = pool.deposit_percent, pool.currency
    return [
        (
            buyer,
            total([one.amount for one in deposits_of_want(rows, percent, currency, indicative=indicative)], currency),
        )
        for (buyer, _), rows in wants.items()
    ]
