from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from marketplace.kernel.actors import Actor
from procurement.demand.models import RequestLine
from procurement.pools import queries, use_cases
from procurement.pools.handlers import freeze_due_pools, pool_what_waits
from procurement.pools.models import Pool
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

    def test_a_want_moves_into_a_pool_that_it_had_left(self, market: Market, lin: Player) -> None:
        line = ask(lin, market.product, 40, date(2026, 4, 20))
        RequestLine.objects.update(needed_to=date(2026, 5, 20))
        later = FREEZE + timedelta(days=9)
        near, other = market.pool(minimum=Decimal(100)), market.pool(region="", minimum=Decimal(10), freeze_at=later)
        Pool.objects.update(fallbacks=["merge"], deposit_percent=0)
        first = market.join(other, market.lin, 10, line_id=line)
        use_cases.leave_pool(commitment_ref=first, by="user:lin", at=NOON)
        second = market.join(near, market.lin, 10, line_id=line)
        use_cases.raise_commitment(commitment_ref=second, quantity=Decimal(10), by="user:lin", at=NOON)

        freeze_due_pools(FREEZE)

        assert (queries.pool(near).state, queries.pool(other).joined) == ("merged", 20)

    def test_a_pool_that_breaks_does_not_keep_the_others_from_freezing(self, market: Market, monkeypatch) -> None:
        broken = market.pool(freeze_at=FREEZE - timedelta(days=1))
        other = market.pool(region="Jiangsu", deposit_percent=Decimal(0))
        market.join(other, market.lin, 10)
        freeze = use_cases.freeze_pool

        def sometimes(*, pool_ref: str, by: str, at: datetime) -> None:
            if pool_ref == broken:
                raise OverflowError
            freeze(pool_ref=pool_ref, by=by, at=at)

        monkeypatch.setattr(use_cases, "freeze_pool", sometimes)

        assert freeze_due_pools(FREEZE) == 1
        assert queries.pool(other).state == "frozen"


class TestPoolWhatWaits:
    def test_pools_demand_whose_window_is_far_enough_and_leaves_the_rest(self, market: Market, lin: Player) -> None:
        ask(lin, market.product, 10, date(2026, 4, 10))
        ask(lin, market.product, 10, date(2026, 3, 30))

        assert pool_what_waits(NOON) == 1

        [pool] = queries.pools_for(Actor("user:wei", staff=True))
        assert (pool.window_start, pool.opened_by) == (date(2026, 4, 1), "system:pools")
        assert pool.freeze_at == datetime(2026, 3, 17, 16, tzinfo=UTC)
        assert pool_what_waits(NOON) == 0
