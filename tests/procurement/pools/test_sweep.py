from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from marketplace.kernel.actors import Actor
from procurement.pools import queries
from procurement.pools.handlers import freeze_due_pools, pool_what_waits
from tests.cast import Player
from tests.procurement.pools.scene import FREEZE, NOON, Market, ask


class TestFreezeDuePools:
    def test_freezes_what_is_due_and_nothing_else(self, market: Market) -> None:
        due = market.pool(deposit_percent=Decimal(0))
        market.join(due, market.lin, 10)
        later = market.pool(region="Jiangsu", freeze_at=FREEZE + timedelta(days=1))

        assert freeze_due_pools(NOON) == 0
        assert freeze_due_pools(FREEZE) == 1

        assert (queries.pool(due).state, queries.pool(later).state) == ("frozen", "open")
        assert freeze_due_pools(FREEZE) == 0


class TestPoolWhatWaits:
    def test_pools_demand_whose_window_is_far_enough_and_leaves_the_rest(self, market: Market, lin: Player) -> None:
        ask(lin, market.product, 10, date(2026, 4, 10))
        ask(lin, market.product, 10, date(2026, 3, 30))

        assert pool_what_waits(NOON) == 1

        [pool] = queries.pools_for(Actor("user:wei", staff=True))
        assert (pool.window_start, pool.opened_by) == (date(2026, 4, 1), "system:pools")
        assert pool.freeze_at == datetime(2026, 3, 17, 16, tzinfo=UTC)
        assert pool_what_waits(NOON) == 0
