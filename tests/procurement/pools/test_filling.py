from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalogue import use_cases as catalogue
from procurement.pools import handlers, queries
from procurement.pools.models import Pool
from procurement.pools.rules import Sums, eases, shortage
from procurement.pools.use_cases import (
    OnlyWhatFills,
    PoolFrozenAlready,
    change_commitment,
    freeze_pool,
    leave_pool,
    lower_commitment,
    raise_commitment,
    start_filling,
)
from tests.procurement.pools.scene import FREEZE, NOON, WHO, Market

TEN: dict[str, Any] = {"pack": Decimal(10), "minimum": Decimal(0)}


def sums(firm: int, tolerance: int = 0) -> Sums:
    return Sums(Decimal(firm), Decimal(tolerance))


def pairs(low: int, high: int, least: int, most: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(low, high), st.integers(least, most))


class TestEases:
    """Packs of ten; 27 firm, tolerance 1: two packs, and 2 are missing to serve everybody (27 + 1 + 2 = 30)."""

    @pytest.mark.parametrize(
        ("firm", "tolerance", "taken"),
        [
            (0, 5, True),  # more tolerance
            (0, -1, False),  # tolerance taken back
            (2, 0, True),  # completes the pack
            (1, 0, True),  # one is missing then
            (3, 0, True),  # tolerance and firm fill the third pack and 0 are missing
            (4, 0, False),  # 31: the third pack is full and nine are missing to a fourth
            (-7, 0, True),  # 20: gives back just what no pack would have served
            (-1, 0, False),  # 26: more is missing
            (-27, -1, False),
            (1, -1, True),  # tolerance turned firm, one to one
            (2, -1, False),  # more than that, with tolerance taken back
        ],
    )
    def test_takes_what_reduces_the_shortage(self, firm: int, tolerance: int, taken: bool) -> None:
        assert eases(sums(27, 1), Decimal(firm), Decimal(tolerance), **TEN) is taken

    def test_counts_what_is_missing_to_the_minimum(self) -> None:
        terms = {"pack": Decimal(10), "minimum": Decimal(50)}

        assert shortage(sums(20), **terms).missing == 30
        assert eases(sums(20), Decimal(10), Decimal(0), **terms)
        assert not eases(sums(20), Decimal(-10), Decimal(0), **terms)

    @given(before=pairs(0, 60, 0, 30), change=pairs(-20, 20, -10, 10), terms=pairs(1, 12, 0, 70))
    def test_never_loses_a_pack_or_makes_more_missing(
        self, before: tuple[int, int], change: tuple[int, int], terms: tuple[int, int]
    ) -> None:
        then, packs = sums(*before), {"pack": Decimal(terms[0]), "minimum": Decimal(terms[1])}
        after = then.plus(Decimal(change[0]), Decimal(change[1]))
        if min(after.firm, after.tolerance) < 0 or not eases(then, Decimal(change[0]), Decimal(change[1]), **packs):
            return

        assert shortage(after, **packs).packs >= shortage(then, **packs).packs
        assert shortage(after, **packs).missing <= shortage(then, **packs).missing


@pytest.fixture
def filling(market: Market) -> str:
    """Lin wants 27 of a pool in packs of ten that is filling: 3 are missing."""
    pool = market.pool()
    market.join(pool, market.lin, 27)
    start_filling(pool_ref=pool, **WHO)
    return pool


class TestFillingPool:
    def test_takes_a_join_that_completes_the_pack(self, market: Market, filling: str) -> None:
        market.join(filling, market.bao, 3)

        assert (Pool.objects.get().state, Pool.objects.get().joined) == ("filling", 30)

    def test_refuses_a_join_that_begins_another_and_says_what_is_missing(self, market: Market, filling: str) -> None:
        with pytest.raises(OnlyWhatFills) as refused:
            market.join(filling, market.bao, 4)

        assert refused.value.facts["missing"] == "3"
        assert Pool.objects.get().joined == 27

    def test_nobody_leaves_or_lowers(self, filling: str) -> None:
        lin = queries.members(filling)[0].commitment_ref

        with pytest.raises(OnlyWhatFills):
            leave_pool(commitment_ref=lin, **WHO)
        with pytest.raises(OnlyWhatFills):
            lower_commitment(commitment_ref=lin, quantity=Decimal(1), **WHO)

        assert Pool.objects.get().joined == 27

    def test_takes_tolerance_and_turns_it_firm(self, filling: str) -> None:
        lin = queries.members(filling)[0].commitment_ref

        raise_commitment(commitment_ref=lin, tolerance=Decimal(2), **WHO)
        change_commitment(commitment_ref=lin, quantity=Decimal(29), tolerance=Decimal(0), **WHO)

        assert (Pool.objects.get().joined, Pool.objects.get().tolerance_joined) == (29, 0)
        assert queries.verify() == []

    def test_freezes_like_an_open_one(self, market: Market, filling: str) -> None:
        market.join(filling, market.bao, 3)

        freeze_pool(pool_ref=filling, by="user:wei", at=FREEZE)

        assert (Pool.objects.get().state, Pool.objects.get().ordered) == ("frozen", 30)


class TestByItself:
    def test_fills_so_many_days_before_freezing_whether_swept_or_not(self, market: Market) -> None:
        catalogue.set_standing_rule(category_code="pumps", filling_days=2, why="as agreed", **WHO)
        pool = market.pool()
        market.join(pool, market.lin, 27)
        then = FREEZE - timedelta(days=2)

        with pytest.raises(OnlyWhatFills):
            market.join(pool, market.bao, 10, at=then)
        assert handlers.fill_due_pools(then - timedelta(seconds=1)) == 0
        assert handlers.fill_due_pools(then) == 1

        assert Pool.objects.get().state == "filling"
        assert handlers.fill_due_pools(then) == 0

    def test_takes_nothing_once_its_time_has_come(self, market: Market, filling: str) -> None:
        with pytest.raises(PoolFrozenAlready):
            market.join(filling, market.bao, 3, at=FREEZE)

        assert NOON < FREEZE
