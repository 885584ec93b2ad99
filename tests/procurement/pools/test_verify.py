from __future__ import annotations

from decimal import Decimal

from marketplace.kernel.money import Rate
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.use_cases import freeze_pool, leave_pool, mark_ordered, record_award, start_tendering
from tests.procurement.pools.scene import THEN, WHO, Market, pay_in


class TestVerify:
    def test_finds_nothing_wrong_on_the_way_from_joining_to_ordering(self, market: Market) -> None:
        pay_in(market.lin, "500.00")
        pool = market.pool()
        market.join(pool, market.lin, 25, ceiling=Rate(Decimal(8), "CNY"))
        leave_pool(commitment_ref=market.join(pool, market.bao, 17), **WHO)
        assert queries.verify() == []

        freeze_pool(pool_ref=pool, **THEN)
        assert queries.verify() == []

        start_tendering(pool_refs=[pool], tender_ref="TD-2026-0001", **THEN)
        record_award(pool_ref=pool, unit_price=Rate(Decimal(7), "CNY"), dropped={}, **THEN)
        mark_ordered(pool_ref=pool, **THEN)
        assert queries.verify() == []

    def test_finds_a_sum_that_is_off(self, market: Market) -> None:
        pool = market.pool()
        market.join(pool, market.lin, 25)
        Pool.objects.update(joined=Decimal(26))

        assert queries.verify() == [f"{pool}: joined 26, its members say 25"]

    def test_finds_a_deposit_that_nobody_holds(self, market: Market) -> None:
        pool = market.pool()
        market.join(pool, market.lin, 20)
        freeze_pool(pool_ref=pool, **THEN)
        Commitment.objects.update(deposit_minor=1600)

        assert queries.verify() == [f"{market.lin}: deposits of CNY 16.00 are due, CNY 0.00 is held"]

    def test_finds_an_advance_that_was_never_booked(self, market: Market) -> None:
        pool = market.pool()
        ref = market.join(pool, market.lin, 20)
        freeze_pool(pool_ref=pool, **THEN)
        Commitment.objects.update(deposit_minor=1600, state="ordered")

        assert queries.verify() == [f"{ref}: a deposit of CNY 16.00 was to become an advance, CNY 0.00 did"]
