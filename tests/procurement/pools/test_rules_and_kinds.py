"""Allocation by the rule that a pool names, its preview, sample pools, and pools of several hubs."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from marketplace.catalogue import use_cases as catalogue
from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import BadValue, NotFound
from procurement.pools import queries
from procurement.pools.models import Commitment, Pool
from procurement.pools.rules import ALLOCATION_RULES
from procurement.pools.use_cases import (
    BeyondMemberLimit,
    Hub,
    PoolFrozenAlready,
    freeze_pool,
    mark_ordered,
    open_pools_from_demand,
    raise_commitment,
    record_award,
    record_delivery,
    set_priority,
    start_tendering,
)
from tests.cast import Player
from tests.procurement.pools.scene import FREEZE, NOON, THEN, WHO, Market, ask

EXPECTED = {  # of 36 asked 30 come: Lin 26 in two rows (18 early, 8 late), Bao 10 between them
    "first_come": [18, 10, 2],
    "pro_rata": [18, 8, 4],
    "max_min": [18, 10, 2],
    "smallest_first": [18, 10, 2],
    "priority": [12, 10, 8],
}


def scarce(market: Market, rule: str) -> str:
    pool = market.pool(allocation_rule=rule, deposit_percent=Decimal(0))
    lin = market.join(pool, market.lin, 18)
    market.join(pool, market.bao, 10, at=NOON + timedelta(hours=1))
    late = raise_commitment(commitment_ref=lin, quantity=Decimal(8), by="user:lin", at=NOON + timedelta(hours=2))
    Commitment.objects.filter(ref=late).update(priority=5)
    Commitment.objects.filter(buyer__ref=market.bao).update(priority=7)
    return pool


@pytest.mark.parametrize("rule", ALLOCATION_RULES)
class TestNamedRule:
    def test_shares_scarce_packs_as_it_previewed(self, market: Market, rule: str) -> None:
        pool = scarce(market, rule)
        before = queries.preview(pool, NOON)

        freeze_pool(pool_ref=pool, **THEN)

        allocated = list(Commitment.objects.order_by("id").values_list("ref", "allocated"))
        assert [quantity for _, quantity in allocated] == EXPECTED[rule]
        assert {ref: share.quantity for ref, share in before.shares.items()} == dict(allocated)
        assert queries.preview(pool, NOON).ordered == 30
        assert queries.verify() == []

    def test_shares_a_short_receipt_as_it_previewed(self, market: Market, rule: str) -> None:
        pool = scarce(market, rule)
        freeze_pool(pool_ref=pool, **THEN)
        foretold = queries.preview(pool, NOON, available=Decimal(21))  # 70 % of the order: previews take whole tenths
        start_tendering(pool_refs=[pool], tender_ref="TD-2026-0001", **THEN)
        record_award(pool_ref=pool, unit_price=market_price(), dropped={}, **THEN)
        mark_ordered(pool_ref=pool, **THEN)

        given = record_delivery(pool_ref=pool, delivered=Decimal(21), **THEN)

        assert {one.commitment_ref: one.share for one in given} == {
            ref: share.quantity for ref, share in foretold.shares.items()
        }
        assert sum(one.share for one in given) == 21
        assert queries.verify() == []


class TestSetPriority:
    def test_lets_a_want_go_first_and_keeps_why(self, market: Market) -> None:
        pool = market.pool(allocation_rule="priority", deposit_percent=Decimal(0))
        market.join(pool, market.lin, 18)
        bao = market.join(pool, market.bao, 18, at=NOON + timedelta(hours=1))

        set_priority(commitment_ref=bao, priority=5, why="hospital", **WHO)
        freeze_pool(pool_ref=pool, **THEN)

        assert list(Commitment.objects.order_by("id").values_list("allocated", flat=True)) == [12, 18]
        assert queries.changes_of(Actor(by="user:wei", staff=True), pool).last().why == "5: hospital"

    def test_refuses_where_another_rule_is_named_and_after_freezing(self, market: Market) -> None:
        first, second = market.pool(), market.pool(region="Jiangsu", allocation_rule="priority")
        other, mine = market.join(first, market.lin, 10), market.join(second, market.lin, 10)

        with pytest.raises(BadValue):
            set_priority(commitment_ref=other, priority=5, why="hospital", **WHO)
        with pytest.raises(PoolFrozenAlready):
            set_priority(commitment_ref=mine, priority=5, why="hospital", **THEN)

        assert set(Commitment.objects.values_list("priority", flat=True)) == {0}


def market_price() -> Any:
    from marketplace.kernel.money import Rate

    return Rate(Decimal(7), "CNY")


class TestStandingRule:
    def test_goes_with_every_pool_that_demand_opens(self, market: Market, lin: Player) -> None:
        catalogue.set_standing_rule(
            category_code="pumps",
            minimum=Decimal(40),
            fallbacks=["extend", "merge"],
            filling_days=3,
            withdrawal_percent=Decimal(30),
            allocation_rule="max_min",
            why="as agreed",
            **WHO,
        )
        ask(lin, market.product, 12, date(2026, 4, 10))

        open_pools_from_demand(freeze_at=FREEZE, **WHO)

        pool = Pool.objects.get()
        assert (pool.minimum, pool.fallbacks, pool.withdrawal_percent) == (40, ["extend", "merge"], 30)
        assert (pool.fills_from, pool.allocation_rule) == (FREEZE - timedelta(days=3), "max_min")

    def test_may_say_that_demand_opens_none(self, market: Market, lin: Player) -> None:
        catalogue.set_standing_rule(category_code="pumps", opens_pools=False, why="by hand", **WHO)
        ask(lin, market.product, 12, date(2026, 4, 10))

        assert open_pools_from_demand(window=None, freeze_at=FREEZE, **WHO) == []


class TestSamplePool:
    def test_has_no_minimum_and_limits_its_members(self, market: Market) -> None:
        for wrong in ({"member_limit": Decimal(3), "minimum": Decimal(1)}, {"member_limit": None}):
            with pytest.raises(BadValue):
                market.pool(kind="sample", **wrong)

        assert not Pool.objects.exists()

    def test_takes_single_pieces_for_the_fee_of_samples_beside_a_bulk_pool(self, market: Market) -> None:
        catalogue.set_standing_rule(category_code="pumps", sample_fee_percent=Decimal(15), why="samples", **WHO)
        market.pool()

        pool = market.pool(kind="sample", capacity=Decimal(9), member_limit=Decimal(3))
        market.join(pool, market.lin, 2)
        market.join(pool, market.bao, 3)
        freeze_pool(pool_ref=pool, **THEN)

        row = Pool.objects.get(ref=pool)
        assert (row.fee_percent, row.pack_size, row.ordered, row.state) == (15, 1, 5, "frozen")

    def test_gives_so_much_a_member_however_it_asks(self, market: Market) -> None:
        pool = market.pool(kind="sample", member_limit=Decimal(3))
        ref = market.join(pool, market.lin, 2)

        with pytest.raises(BeyondMemberLimit):
            raise_commitment(commitment_ref=ref, quantity=Decimal(2), **WHO)
        with pytest.raises(BeyondMemberLimit):
            market.join(pool, market.bao, 4)

        assert Pool.objects.get().joined == 2
        assert queries.verify() == []


class TestHubs:
    HUBS = (Hub("Ningbo", "Zhejiang"), Hub("Suzhou", "Jiangsu", "1 Harbour Road"))

    def test_a_join_names_its_hub_and_the_pool_knows_how_much_goes_where(self, market: Market) -> None:
        pool = market.pool(region="", hubs=self.HUBS)
        market.join(pool, market.lin, 18, hub="Ningbo")
        market.join(pool, market.bao, 12, hub="Suzhou")
        assert queries.demand_by_hub(pool) == {"Ningbo": 18, "Suzhou": 12}

        freeze_pool(pool_ref=pool, **THEN)

        assert queries.demand_by_hub(pool) == {"Ningbo": 18, "Suzhou": 12}
        assert [member.region for member in queries.members(pool)] == ["Zhejiang", "Jiangsu"]

    def test_refuses_no_hub_another_one_and_hubs_of_one_region(self, market: Market) -> None:
        pool = market.pool(region="", hubs=self.HUBS)

        with pytest.raises(BadValue):
            market.join(pool, market.lin, 1)
        with pytest.raises(NotFound):
            market.join(pool, market.lin, 1, hub="Xian")
        with pytest.raises(BadValue):
            market.pool(region="Zhejiang", hubs=self.HUBS, kind="sample")

        assert Pool.objects.get().joined == 0


class TestOpenPool:
    @pytest.mark.parametrize(
        "wrong",
        [{"kind": "other"}, {"allocation_rule": "luck"}, {"fallbacks": ["pray"]}, {"fallbacks": ["extend", "extend"]},
         {"member_limit": Decimal(0)}],
    )  # fmt: skip
    def test_refuses_what_nobody_knows(self, market: Market, wrong: dict[str, Any]) -> None:
        with pytest.raises(BadValue):
            market.pool(**wrong)

        assert not Pool.objects.exists()
