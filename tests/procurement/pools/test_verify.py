from __future__ import annotations

from datetime import date
from decimal import Decimal

from marketplace.kernel.money import Rate
from procurement.demand.models import RequestLine
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.use_cases import Hub, freeze_pool, leave_pool, mark_ordered, record_award, start_tendering
from tests.cast import Player
from tests.procurement.pools.scene import THEN, WHO, Market, ask, pay_in

APRIL = date(2026, 4, 10)


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

    def test_finds_a_deposit_of_nobody_who_is_bound(self, market: Market) -> None:
        pay_in(market.lin, "500.00")
        pool = market.pool()
        ref = market.join(pool, market.lin, 20, ceiling=Rate(Decimal(8), "CNY"))
        freeze_pool(pool_ref=pool, **THEN)
        Commitment.objects.update(deposit_minor=0)

        assert queries.verify() == [f"deposit:{ref}: CNY 16.00 is held, CNY 0.00 is due"]

    def test_finds_a_member_beyond_the_limit(self, market: Market) -> None:
        pool = market.pool()
        market.join(pool, market.lin, 20)
        Pool.objects.update(member_limit=Decimal(15))

        assert queries.verify() == [f"{pool}: {market.lin} wants 20, a member may have 15"]

    def test_finds_a_row_without_its_hub(self, market: Market) -> None:
        pool = market.pool(region="", hubs=[Hub("Ningbo", "Zhejiang")])
        ref = market.join(pool, market.lin, 20)
        Commitment.objects.update(region="Jiangsu")

        assert queries.verify() == [f"{ref}: its hub is not one of its pool and region"]

    def test_finds_a_pooled_line_that_nobody_stands_for(self, market: Market, lin: Player) -> None:
        line = ask(lin, market.product, 12, APRIL)
        ref = market.join(market.pool(), market.lin, 12, line_id=line)
        leave_pool(commitment_ref=ref, **WHO)
        RequestLine.objects.update(line_state="pooled")

        request = RequestLine.objects.get().request.ref
        assert queries.verify() == [f"{request}/1: pooled, and no row stands for it"]

    def test_finds_an_advance_that_was_never_booked(self, market: Market) -> None:
        pool = market.pool()
        ref = market.join(pool, market.lin, 20)
        freeze_pool(pool_ref=pool, **THEN)
        Commitment.objects.update(deposit_minor=1600, state="ordered")

        assert queries.verify() == [f"{ref}: a deposit of CNY 16.00 was to become an advance, CNY 0.00 did"]
