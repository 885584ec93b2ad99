from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import BadValue, IllegalMove, StaleWrite
from procurement.demand.models import RequestLine
from procurement.engines.wants import Level
from procurement.pools import queries
from procurement.pools.models import Commitment, CommitmentChange, Pool
from procurement.pools.rules import Held, lowered
from procurement.pools.use_cases import (
    BeyondLimit,
    PoolFrozenAlready,
    PoolFull,
    change_commitment,
    freeze_pool,
    leave_pool,
    lower_commitment,
    raise_commitment,
)
from tests.cast import Player
from tests.procurement.pools.scene import FREEZE, NOON, THEN, Market, ask

LATER = NOON + timedelta(hours=3)
LATE: dict[str, Any] = {"by": "user:lin", "at": LATER}
CURVE = (Level(Decimal(10), Decimal(100)), Level(Decimal(9), Decimal(150)))
APRIL = date(2026, 4, 10)


def rows(pool: str, *states: str) -> list[tuple[int, Decimal, Decimal, Decimal | None]]:
    found = Commitment.objects.filter(pool__ref=pool, state__in=states or ("reserved",)).order_by("buyer_id", "entry")
    return list(found.values_list("entry", "quantity", "tolerance", "ceiling"))


class TestLowered:
    def test_takes_from_the_newest_rows_first_each_of_the_two_by_itself(self) -> None:
        want = [Held(Decimal(30), Decimal(4)), Held(Decimal(20), Decimal(0)), Held(Decimal(5), Decimal(3))]

        left = lowered(want, Decimal(27), Decimal(4))

        assert left == [Held(Decimal(28), Decimal(3)), Held(Decimal(0), Decimal(0)), Held(Decimal(0), Decimal(0))]


class TestRaiseCommitment:
    def test_adds_a_row_with_the_increase_alone_that_queues_behind_others(self, market: Market) -> None:
        pool = market.pool()
        lin = market.join(pool, market.lin, 18)
        market.join(pool, market.bao, 10, at=NOON + timedelta(hours=1))

        raise_commitment(commitment_ref=lin, quantity=Decimal(10), **LATE)
        freeze_pool(pool_ref=pool, **THEN)

        shares = Commitment.objects.order_by("id").values_list("quantity", "allocated")
        assert list(shares) == [(18, 18), (10, 10), (10, 2)]
        assert Pool.objects.get().ordered == 30
        assert queries.verify() == []

    def test_keeps_what_was_wanted_before_with_its_time(self, market: Market) -> None:
        pool = market.pool()
        lin = market.join(pool, market.lin, 18, tolerance=Decimal(2))

        raise_commitment(commitment_ref=lin, quantity=Decimal(7), **LATE)

        kept = CommitmentChange.objects.order_by("id").values_list(
            "what", "from_quantity", "to_quantity", "from_tolerance", "to_tolerance", "at"
        )
        assert list(kept) == [("join", 0, 18, 0, 2, NOON), ("raise", 18, 25, 2, 2, LATER)]

    def test_refuses_more_than_is_left(self, market: Market) -> None:
        pool = market.pool(capacity=Decimal(20))
        lin = market.join(pool, market.lin, 18)

        with pytest.raises(PoolFull) as refused:
            raise_commitment(commitment_ref=lin, quantity=Decimal(3), **LATE)

        assert refused.value.facts["remaining"] == 2
        assert rows(pool) == [(0, 18, 0, None)]

    def test_counts_all_rows_against_the_spending_limit(self, market: Market) -> None:
        pool = market.pool()
        lin = market.join(pool, market.lin, 18, ceiling=Rate(Decimal(5), "CNY"))

        with pytest.raises(BeyondLimit):
            raise_commitment(commitment_ref=lin, quantity=Decimal(3), spending_limit=Money(Decimal(100), "CNY"), **LATE)

        assert Pool.objects.get().joined == 18

    def test_of_another_revision_is_refused(self, market: Market) -> None:
        pool = market.pool()
        lin = market.join(pool, market.lin, 18)
        raise_commitment(commitment_ref=lin, quantity=Decimal(3), revision=0, **LATE)

        with pytest.raises(StaleWrite):
            raise_commitment(commitment_ref=lin, quantity=Decimal(3), revision=0, **LATE)

        assert Pool.objects.get().joined == 21

    def test_with_a_spending_limit_needs_a_ceiling(self, market: Market) -> None:
        pool = market.pool()
        lin = market.join(pool, market.lin, 18)

        with pytest.raises(BeyondLimit, match="worth=\\?"):
            raise_commitment(
                commitment_ref=lin, quantity=Decimal(1), spending_limit=Money(Decimal(9999), "CNY"), **LATE
            )

        assert Pool.objects.get().joined == 18

    def test_of_a_line_keeps_to_what_was_approved(self, market: Market, lin: Player) -> None:
        pool, line = market.pool(), ask(lin, market.product, 12, APRIL, tolerance=Decimal(3))
        ref = market.join(pool, market.lin, 8, line_id=line)

        raise_commitment(commitment_ref=ref, quantity=Decimal(4), tolerance=Decimal(3), **LATE)
        with pytest.raises(BadValue):
            raise_commitment(commitment_ref=ref, quantity=Decimal(1), **LATE)

        assert rows(pool) == [(0, 8, 0, None), (1, 4, 3, None)]


class TestLowerCommitment:
    def test_empties_the_newest_row_first_and_lets_it_go(self, market: Market) -> None:
        pool = market.pool()
        lin = market.join(pool, market.lin, 30, tolerance=Decimal(4))
        raise_commitment(commitment_ref=lin, quantity=Decimal(20), **LATE)

        lower_commitment(commitment_ref=lin, quantity=Decimal(25), **LATE)

        assert rows(pool) == [(0, 25, 4, None)]
        assert rows(pool, "left") == [(1, 20, 0, None)]
        assert (Pool.objects.get().joined, Pool.objects.get().tolerance_joined) == (25, 4)
        assert queries.verify() == []

    def test_refuses_to_take_more_than_is_wanted_or_all_of_it(self, market: Market) -> None:
        pool = market.pool()
        market.join(pool, market.bao, 50)
        lin = market.join(pool, market.lin, 30)

        for quantity in (31, 30):
            with pytest.raises(BadValue):
                lower_commitment(commitment_ref=lin, quantity=Decimal(quantity), **LATE)

        assert Pool.objects.get().joined == 80

    def test_refuses_after_its_time(self, market: Market) -> None:
        lin = market.join(market.pool(), market.lin, 30)

        with pytest.raises(PoolFrozenAlready):
            lower_commitment(commitment_ref=lin, quantity=Decimal(1), by="user:lin", at=FREEZE)

    def test_leaves_the_pooled_line_pooled_while_a_row_of_it_stands(self, market: Market, lin: Player) -> None:
        pool, line = market.pool(), ask(lin, market.product, 12, APRIL)
        ref = market.join(pool, market.lin, 12, line_id=line)

        lower_commitment(commitment_ref=ref, quantity=Decimal(5), **LATE)
        assert RequestLine.objects.get(pk=line).line_state == "pooled"

        leave_pool(commitment_ref=ref, **LATE)
        assert RequestLine.objects.get(pk=line).line_state == "open"


class TestChangeCommitment:
    def test_turns_tolerance_into_firm_quantity_at_one_go(self, market: Market) -> None:
        pool = market.pool()
        lin = market.join(pool, market.lin, 10, tolerance=Decimal(5))

        change_commitment(commitment_ref=lin, quantity=Decimal(14), tolerance=Decimal(1), **LATE)

        assert rows(pool) == [(0, 10, 1, None), (1, 4, 0, None)]
        assert (Pool.objects.get().joined, Pool.objects.get().tolerance_joined) == (14, 1)

    def test_refuses_nothing_and_no_change(self, market: Market) -> None:
        lin = market.join(market.pool(), market.lin, 10)

        for quantity in (0, 10):
            with pytest.raises(BadValue):
                change_commitment(commitment_ref=lin, quantity=Decimal(quantity), **LATE)

    def test_refuses_what_has_left(self, market: Market) -> None:
        lin = market.join(market.pool(), market.lin, 10)
        leave_pool(commitment_ref=lin, **LATE)

        with pytest.raises(IllegalMove):
            change_commitment(commitment_ref=lin, quantity=Decimal(5), **LATE)


class TestDemandCurve:
    def test_becomes_one_row_a_level_with_its_increment(self, market: Market) -> None:
        pool = market.pool()

        market.join(pool, market.lin, None, curve=CURVE, tolerance=Decimal(5))

        assert rows(pool) == [(0, 100, 5, Decimal(10)), (1, 50, 0, Decimal(9))]
        assert Pool.objects.get().joined == 150

    def test_is_lowered_from_its_cheapest_level_and_left_as_one(self, market: Market) -> None:
        pool = market.pool()
        ref = market.join(pool, market.lin, None, curve=CURVE)

        lower_commitment(commitment_ref=ref, quantity=Decimal(60), **LATE)
        assert rows(pool) == [(0, 90, 0, Decimal(10))]

        leave_pool(commitment_ref=ref, **LATE)
        assert Pool.objects.get().joined == 0

    def test_of_an_approved_line_counts_without_being_said_again(self, market: Market, lin: Player) -> None:
        pool, line = market.pool(), ask(lin, market.product, None, APRIL, curve=CURVE)

        market.join(pool, market.lin, 150, line_id=line)

        assert rows(pool) == [(0, 100, 0, Decimal(10)), (1, 50, 0, Decimal(9))]

    def test_of_a_line_may_not_want_more_at_a_price_than_was_approved(self, market: Market, lin: Player) -> None:
        pool, line = market.pool(), ask(lin, market.product, None, APRIL, curve=CURVE)

        with pytest.raises(BadValue):
            market.join(pool, market.lin, 120, line_id=line, ceiling=Rate(Decimal("9.5"), "CNY"))

        assert not Commitment.objects.exists()


def test_history_is_append_only(market: Market) -> None:
    market.join(market.pool(), market.lin, 10)

    every = CommitmentChange.objects.all()

    for write in (lambda: every.update(to_quantity=9), every.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()

    assert CommitmentChange.objects.get().to_quantity == 10
