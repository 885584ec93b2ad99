from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from marketplace.kernel.money import Rate
from marketplace.kernel.refusals import BadValue, NotAllowed, NotFound
from procurement.demand.models import RequestLine
from procurement.pools.models import Commitment, Pool
from procurement.pools.use_cases import (
    LineCommittedAlready,
    OwnCommitmentExists,
    PoolFrozenAlready,
    PoolFull,
    join_pool,
    leave_pool,
)
from tests.cast import Player
from tests.procurement.pools.scene import FREEZE, NOON, WHO, Market, ask, product

APRIL = date(2026, 4, 10)


class TestJoinPool:
    def test_reserves_the_quantity_and_returns_the_commitment(self, market: Market) -> None:
        pool = market.pool(capacity=Decimal(50))

        ref = market.join(pool, market.lin, "12.5", tolerance=Decimal(3), ceiling=Rate(Decimal("8.4"), "CNY"))

        commitment = Commitment.objects.get(ref=ref)
        assert (commitment.state, commitment.quantity, commitment.tolerance) == ("reserved", Decimal("12.5"), 3)
        assert (commitment.ceiling, commitment.region, commitment.joined_at) == (Decimal("8.4"), "Zhejiang", NOON)
        assert Pool.objects.get().joined == Decimal("12.5")

    def test_takes_the_very_last_unit(self, market: Market) -> None:
        pool = market.pool(capacity=Decimal(50))
        market.join(pool, market.lin, 20)

        market.join(pool, market.bao, 30)

        assert Pool.objects.get().joined == 50

    def test_refuses_more_than_is_left_and_says_how_much_that_is(self, market: Market) -> None:
        pool = market.pool(capacity=Decimal(50))
        market.join(pool, market.lin, 20)

        with pytest.raises(PoolFull) as refused:
            market.join(pool, market.bao, "30.000001")

        assert refused.value.facts["remaining"] == 30
        assert Pool.objects.get().joined == 20
        assert Commitment.objects.count() == 1

    def test_refuses_after_freezing_even_before_anyone_froze_it(self, market: Market) -> None:
        pool = market.pool()

        with pytest.raises(PoolFrozenAlready):
            market.join(pool, market.lin, 1, at=FREEZE)

        assert not Commitment.objects.exists()
        assert Pool.objects.get().joined == 0

    def test_refuses_a_second_commitment_of_the_same_buyer(self, market: Market) -> None:
        pool = market.pool()
        first = market.join(pool, market.lin, 20)

        with pytest.raises(OwnCommitmentExists) as refused:
            market.join(pool, market.lin, 5)

        assert refused.value.facts["commitment"] == first
        assert Pool.objects.get().joined == 20
        assert Commitment.objects.count() == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"quantity": 0},
            {"quantity": -1},
            {"quantity": 1, "tolerance": Decimal(-1)},
            {"quantity": 1, "ceiling": Rate(Decimal(0), "CNY")},
            {"quantity": 1, "ceiling": Rate(Decimal(5), "USD")},
            {"quantity": "NaN"},
            {"quantity": "0.0000001"},
            {"quantity": "1e30"},
        ],
    )
    def test_refuses_what_cannot_be_and_leaves_no_trace(self, market: Market, wrong: dict[str, Any]) -> None:
        pool = market.pool()

        with pytest.raises(BadValue):
            market.join(pool, market.lin, **wrong)

        assert not Commitment.objects.exists()
        assert Pool.objects.get().joined == 0

    def test_refuses_an_organisation_that_is_no_buyer(self, market: Market) -> None:
        pool = market.pool()

        with pytest.raises(NotAllowed):
            market.join(pool, market.teng, 1)

        assert not Commitment.objects.exists()

    def test_refuses_a_pool_that_does_not_exist(self, market: Market) -> None:
        with pytest.raises(NotFound):
            market.join("PL-2026-9999", market.lin, 1)

    def test_takes_few_queries(self, market: Market, django_assert_max_num_queries: Any) -> None:
        pool = market.pool()
        market.join(pool, market.bao, 1)

        with django_assert_max_num_queries(9):
            join_pool(pool_ref=pool, buyer_ref=market.lin, quantity=Decimal(1), **WHO)


class TestJoinPoolForALine:
    def test_marks_the_line_pooled_and_opens_it_again_on_leaving(self, market: Market, lin: Player) -> None:
        pool, line = market.pool(), ask(lin, market.product, 12, APRIL)

        ref = market.join(pool, market.lin, 12, line_id=line)
        assert RequestLine.objects.get(pk=line).line_state == "pooled"

        leave_pool(commitment_ref=ref, **WHO)
        assert RequestLine.objects.get(pk=line).line_state == "open"

    def test_refuses_a_line_of_another_buyer(self, market: Market, bao: Player) -> None:
        pool, line = market.pool(), ask(bao, market.product, 12, APRIL)

        with pytest.raises(NotFound):
            market.join(pool, market.lin, 12, line_id=line)

        assert RequestLine.objects.get(pk=line).line_state == "open"
        assert Pool.objects.get().joined == 0

    def test_refuses_a_line_that_is_pooled_already(self, market: Market, lin: Player) -> None:
        pool, line = market.pool(), ask(lin, market.product, 12, APRIL)
        ref = market.join(pool, market.lin, 12, line_id=line)

        with pytest.raises(LineCommittedAlready) as refused:
            market.join(market.pool(region=""), market.lin, 12, line_id=line)

        assert refused.value.facts["commitment"] == ref
        assert Commitment.objects.count() == 1

    def test_refuses_more_than_the_line_asks_for_and_other_products(self, market: Market, lin: Player) -> None:
        pool, line = market.pool(), ask(lin, market.product, 12, APRIL)
        other = ask(lin, product("P-2"), 12, APRIL)

        for wrong in ({"quantity": 13, "line_id": line}, {"quantity": 12, "line_id": other}):
            with pytest.raises(BadValue):
                market.join(pool, market.lin, **wrong)

        assert not Commitment.objects.exists()

    def test_stands_beside_what_the_buyer_joined_by_hand(self, market: Market, lin: Player) -> None:
        pool, line = market.pool(), ask(lin, market.product, 12, APRIL)
        market.join(pool, market.lin, 5)

        market.join(pool, market.lin, 12, line_id=line)

        assert Pool.objects.get().joined == 17
