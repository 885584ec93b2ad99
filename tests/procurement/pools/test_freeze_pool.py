from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finance.ledger import queries as ledger
from finance.ledger.use_cases import Acct
from marketplace.events.models import OutboxEvent
from marketplace.events.queries import history
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import IllegalMove
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.use_cases import freeze_pool
from tests.procurement.pools.scene import THEN, Market, pay_in


def deposits(owner: str) -> tuple[Money, Money]:
    """What a buyer has posted as deposit, and what of it is free."""
    account = Acct("buyer_deposits", owner)
    return ledger.balance(account), ledger.available(account)


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


def taken(pool_ref: str) -> dict[str, Decimal]:
    return {member.buyer_ref: member.quantity for member in queries.members(pool_ref)}


class TestFreezePool:
    def test_orders_whole_packs_first_come_first_served(self, market: Market) -> None:
        pool = market.pool(deposit_percent=Decimal(0))
        market.join(pool, market.lin, 18)
        market.join(pool, market.bao, 17)

        freeze_pool(pool_ref=pool, **THEN)

        assert taken(pool) == {market.lin: 18, market.bao: 12}
        frozen = Pool.objects.get()
        assert (frozen.state, frozen.ordered, frozen.joined) == ("frozen", 30, 35)
        assert {c.state for c in Commitment.objects.all()} == {"bound"}

    def test_completes_one_pack_out_of_tolerance(self, market: Market) -> None:
        pool = market.pool(deposit_percent=Decimal(0))
        market.join(pool, market.lin, 18, tolerance=Decimal(3))
        market.join(pool, market.bao, 17, tolerance=Decimal(3))

        freeze_pool(pool_ref=pool, **THEN)

        assert taken(pool) == {market.lin: 21, market.bao: 19}
        assert Pool.objects.get().ordered == 40

    def test_does_not_complete_a_pack_beyond_the_capacity(self, market: Market) -> None:
        pool = market.pool(deposit_percent=Decimal(0), capacity=Decimal(35))
        market.join(pool, market.lin, 35, tolerance=Decimal(9))

        freeze_pool(pool_ref=pool, **THEN)

        assert Pool.objects.get().ordered == 30

    def test_holds_the_deposit_on_the_ceiling(self, market: Market) -> None:
        pay_in(market.lin, "500.00")
        pool = market.pool()
        ref = market.join(pool, market.lin, 20, ceiling=Rate(Decimal("8.4"), "CNY"))

        freeze_pool(pool_ref=pool, **THEN)

        assert deposits(market.lin) == (cny("500.00"), cny("483.20"))
        commitment = Commitment.objects.get(ref=ref)
        assert (commitment.state, commitment.deposit_minor) == ("bound", 1680)
        assert [reason["code"] for reason in commitment.reasons] == ["full", "deposit_on_ceiling"]
        assert commitment.reasons[1]["deposit"] == "CNY 16.80"

    def test_holds_the_deposit_on_the_indicative_price_without_a_ceiling(self, market: Market) -> None:
        pay_in(market.lin, "500.00")
        tiers = [(Decimal(0), Rate(Decimal(9), "CNY")), (Decimal(20), Rate(Decimal(8), "CNY"))]
        pool = market.pool(framework_tiers=tiers)
        market.join(pool, market.lin, 20)

        freeze_pool(pool_ref=pool, **THEN)

        assert deposits(market.lin)[1] == cny("484.00")

    def test_holds_nothing_when_no_price_is_known_and_says_so(self, market: Market) -> None:
        pool = market.pool()
        ref = market.join(pool, market.lin, 20)

        freeze_pool(pool_ref=pool, **THEN)

        commitment = Commitment.objects.get(ref=ref)
        assert (commitment.state, commitment.deposit_minor) == ("bound", 0)
        assert commitment.reasons[1] == {"code": "deposit_without_price"}

    def test_drops_a_member_without_cover_and_allocates_anew(self, market: Market) -> None:
        pay_in(market.bao, "500.00")
        pool = market.pool()
        poor = market.join(pool, market.lin, 15, ceiling=Rate(Decimal(8), "CNY"))
        market.join(pool, market.bao, 15, ceiling=Rate(Decimal(8), "CNY"))

        freeze_pool(pool_ref=pool, **THEN)

        assert taken(pool) == {market.bao: 10}
        dropped = Commitment.objects.get(ref=poor)
        assert (dropped.state, dropped.dropped_for, dropped.allocated) == ("dropped", "no_cover", 0)
        assert dropped.reasons == [{"code": "no_cover", "deposit": "CNY 12.00", "available": "CNY 0.00"}]
        frozen = Pool.objects.get()
        assert (frozen.joined, frozen.ordered) == (15, 10)
        assert deposits(market.bao)[1] == cny("492.00")

    def test_fails_below_the_minimum_and_frees_everybody(self, market: Market) -> None:
        pay_in(market.lin, "500.00")
        pool = market.pool(minimum=Decimal(50))
        market.join(pool, market.lin, 45, ceiling=Rate(Decimal(8), "CNY"))

        freeze_pool(pool_ref=pool, **THEN)

        failed = Pool.objects.get()
        assert (failed.state, failed.joined, failed.ordered) == ("failed", 0, 0)
        assert Commitment.objects.get().dropped_for == "below_minimum"
        assert deposits(market.lin)[1] == cny("500.00")
        assert [step.verb for step in history(pool)] == ["freeze", "fail"]
        assert OutboxEvent.objects.filter(name="PoolFailed").count() == 1

    def test_fails_when_the_uncovered_leave_too_little(self, market: Market) -> None:
        pay_in(market.bao, "500.00")
        pool = market.pool()
        market.join(pool, market.lin, 10, ceiling=Rate(Decimal(8), "CNY"))
        market.join(pool, market.bao, 9, ceiling=Rate(Decimal(8), "CNY"))

        freeze_pool(pool_ref=pool, **THEN)

        assert Pool.objects.get().state == "failed"
        reasons = dict(Commitment.objects.values_list("buyer__ref", "dropped_for"))
        assert reasons == {market.lin: "no_cover", market.bao: "below_minimum"}
        assert deposits(market.bao)[1] == cny("500.00")

    def test_drops_whom_no_pack_is_left_for(self, market: Market) -> None:
        pool = market.pool(deposit_percent=Decimal(0))
        market.join(pool, market.lin, 10)
        late = market.join(pool, market.bao, 5)

        freeze_pool(pool_ref=pool, **THEN)

        assert taken(pool) == {market.lin: 10}
        assert Commitment.objects.get(ref=late).dropped_for == "nothing_left"
        assert Pool.objects.get().joined == 10

    def test_fails_an_empty_pool(self, market: Market) -> None:
        pool = market.pool()

        freeze_pool(pool_ref=pool, **THEN)

        assert Pool.objects.get().state == "failed"

    def test_refuses_a_second_time(self, market: Market) -> None:
        pay_in(market.lin, "500.00")
        pool = market.pool()
        market.join(pool, market.lin, 20, ceiling=Rate(Decimal(8), "CNY"))
        freeze_pool(pool_ref=pool, **THEN)

        with pytest.raises(IllegalMove):
            freeze_pool(pool_ref=pool, **THEN)

        assert deposits(market.lin)[1] == cny("484.00")
        assert OutboxEvent.objects.filter(name="PoolFrozen").count() == 1

    def test_takes_the_same_number_of_queries_for_each_member(
        self, market: Market, django_assert_max_num_queries: Any
    ) -> None:
        pool = market.pool(deposit_percent=Decimal(0))
        market.join(pool, market.lin, 10)
        market.join(pool, market.bao, 10)

        with django_assert_max_num_queries(18):
            freeze_pool(pool_ref=pool, **THEN)
