from __future__ import annotations

from decimal import Decimal

import pytest

from marketplace.kernel.refusals import IllegalMove, NotFound
from procurement.pools.models import Commitment, Pool
from procurement.pools.use_cases import PoolFrozenAlready, leave_pool
from tests.procurement.pools.scene import FREEZE, NOON, Market


class TestLeavePool:
    def test_gives_the_quantity_back_for_others_to_take(self, market: Market) -> None:
        pool = market.pool(capacity=Decimal(20))
        ref = market.join(pool, market.lin, 20)

        leave_pool(commitment_ref=ref, by="user:lin", at=NOON)

        assert Commitment.objects.get(ref=ref).state == "left"
        assert Pool.objects.get().joined == 0
        market.join(pool, market.bao, 20)

    def test_lets_the_buyer_join_anew(self, market: Market) -> None:
        pool = market.pool()
        leave_pool(commitment_ref=market.join(pool, market.lin, 20), by="user:lin", at=NOON)

        market.join(pool, market.lin, 5)

        assert Pool.objects.get().joined == 5

    def test_refuses_to_leave_twice(self, market: Market) -> None:
        pool = market.pool()
        market.join(pool, market.bao, 20)
        ref = market.join(pool, market.lin, 20)
        leave_pool(commitment_ref=ref, by="user:lin", at=NOON)

        with pytest.raises(IllegalMove):
            leave_pool(commitment_ref=ref, by="user:lin", at=NOON)

        assert Pool.objects.get().joined == 20

    def test_refuses_when_its_time_is_over(self, market: Market) -> None:
        ref = market.join(market.pool(), market.lin, 20)

        with pytest.raises(PoolFrozenAlready):
            leave_pool(commitment_ref=ref, by="user:lin", at=FREEZE)

        assert Commitment.objects.get(ref=ref).state == "reserved"
        assert Pool.objects.get().joined == 20

    def test_refuses_what_does_not_exist(self, market: Market) -> None:
        with pytest.raises(NotFound):
            leave_pool(commitment_ref="CM-2026-9999", by="user:lin", at=NOON)
