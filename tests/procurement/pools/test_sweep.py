from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from procurement.pools import queries
from procurement.pools.handlers import freeze_due_pools
from tests.procurement.pools.scene import FREEZE, NOON, Market


class TestFreezeDuePools:
    def test_freezes_what_is_due_and_nothing_else(self, market: Market) -> None:
        due = market.pool(deposit_percent=Decimal(0))
        market.join(due, market.lin, 10)
        later = market.pool(region="Jiangsu", freeze_at=FREEZE + timedelta(days=1))

        assert freeze_due_pools(NOON) == 0
        assert freeze_due_pools(FREEZE) == 1

        assert (queries.pool(due).state, queries.pool(later).state) == ("frozen", "open")
        assert freeze_due_pools(FREEZE) == 0
