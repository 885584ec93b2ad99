"""What a pool's market tells one member of all others."""

from __future__ import annotations

from decimal import Decimal

import pytest

from marketplace.parties import use_cases as parties_
from procurement.pools import queries
from procurement.pools.models import Pool
from tests.procurement.pools.scene import WHO, Market

pytestmark = pytest.mark.django_db


def others(market: Market, pool: str, count: int) -> None:
    """Let so many more buyers join, each for ten more than the one before."""
    rows = [parties_.NewOrganisation(f"N{n}", f"Buyer {n}", "CN", "Zhejiang", ("buyer",)) for n in range(count)]
    for number, ref in enumerate(parties_.register_many(rows=rows, **WHO).values(), start=1):
        market.join(pool, ref, 10 * number)


class TestAsked:
    def test_the_largest_other_member_is_told_among_five(self, market: Market) -> None:
        pool = market.pool()
        market.join(pool, market.lin, 7)
        others(market, pool, 5)

        found = queries.asked(Pool.objects.get(ref=pool), market.lin)

        assert (found.mine, found.others, found.largest) == (
            [(None, Decimal(7))],
            [(None, Decimal(150))],
            [(None, Decimal(50))],
        )

    def test_not_among_four(self, market: Market) -> None:
        pool = market.pool()
        market.join(pool, market.lin, 7)
        others(market, pool, 4)

        assert queries.asked(Pool.objects.get(ref=pool), market.lin).largest is None
