from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.refusals import BadValue
from procurement.engines.packs import Row, allocate_first_come, count_packs

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
amounts = st.decimals(0, 1000, places=2)
packs = st.decimals("0.5", 60, places=1)
hundredth = Decimal("0.01")


@st.composite
def queues(draw: st.DrawFn) -> list[Row]:
    many = draw(st.lists(st.tuples(amounts, amounts, st.integers(0, 3), st.integers(0, 2)), max_size=8))
    return [
        Row(f"r{place}", f"m{place % 3}", firm, more, NOON + timedelta(minutes=minute), sequence)
        for place, (firm, more, minute, sequence) in enumerate(many)
    ]


class TestCountPacks:
    @given(amounts, amounts, packs)
    def test_orders_the_floor_or_one_more(self, firm: Decimal, tolerance: Decimal, pack: Decimal) -> None:
        count = count_packs(firm, tolerance, pack=pack)

        assert count.packs - firm // pack in (0, 1)
        assert count.quantity == count.packs * pack

    @given(amounts, amounts, packs)
    def test_takes_no_more_tolerance_than_there_is(self, firm: Decimal, tolerance: Decimal, pack: Decimal) -> None:
        count = count_packs(firm, tolerance, pack=pack)

        assert count.tolerance <= min(tolerance, pack)
        assert firm + count.tolerance == count.quantity + count.left

    @given(amounts, packs)
    def test_tolerance_alone_fills_nothing(self, tolerance: Decimal, pack: Decimal) -> None:
        assert count_packs(Decimal(0), tolerance, pack=pack).packs == 0
        assert count_packs(pack * 3, tolerance, pack=pack).packs == 3

    @given(amounts, amounts, amounts, packs)
    def test_more_firm_quantity_never_orders_less(
        self, firm: Decimal, more: Decimal, tolerance: Decimal, pack: Decimal
    ) -> None:
        before = count_packs(firm, tolerance, pack=pack)
        after = count_packs(firm + more, tolerance, pack=pack)

        assert after.packs >= before.packs

    @given(amounts, amounts, packs, amounts)
    def test_orders_the_minimum_or_nothing(
        self, firm: Decimal, tolerance: Decimal, pack: Decimal, minimum: Decimal
    ) -> None:
        count = count_packs(firm, tolerance, pack=pack, minimum=minimum)

        assert count.quantity == 0 or count.quantity >= minimum

    @given(amounts, amounts, packs, amounts)
    def test_adding_what_is_missing_serves_everybody(
        self, firm: Decimal, tolerance: Decimal, pack: Decimal, minimum: Decimal
    ) -> None:
        short = count_packs(firm, tolerance, pack=pack, minimum=minimum, step=hundredth).missing

        served = count_packs(firm + short, tolerance, pack=pack, minimum=minimum, step=hundredth)

        assert (served.left, served.missing) == (0, 0)

    @pytest.mark.parametrize("bad", [Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
    @pytest.mark.parametrize("place", ["firm", "tolerance", "pack", "minimum", "step"])
    def test_refuses(self, place: str, bad: Decimal) -> None:
        values = dict.fromkeys(["firm", "tolerance", "pack", "minimum", "step"], Decimal(1)) | {place: bad}

        with pytest.raises(BadValue):
            count_packs(values.pop("firm"), values.pop("tolerance"), **values)

    def test_refuses_a_pack_of_nothing(self) -> None:
        with pytest.raises(BadValue):
            count_packs(Decimal(1), Decimal(0), pack=Decimal(0))

    def test_refuses_floats(self) -> None:
        with pytest.raises(TypeError):
            count_packs(0.5, Decimal(0), pack=Decimal(1))  # type: ignore[arg-type]


class TestAllocateFirstCome:
    @given(queues(), amounts)
    def test_shares_add_up(self, rows: list[Row], available: Decimal) -> None:
        result = allocate_first_come(rows, available)

        assert sum(share.quantity for share in result.shares) + result.left_over == available
        assert sum(result.by_member.values()) == available - result.left_over

    @given(queues(), amounts)
    def test_nobody_gets_more_than_asked(self, rows: list[Row], available: Decimal) -> None:
        asked = {row.ref: row for row in rows}

        for share in allocate_first_come(rows, available).shares:
            assert share.firm <= asked[share.ref].firm
            assert share.tolerance <= asked[share.ref].tolerance

    @given(queues(), amounts)
    def test_a_row_gets_something_only_when_older_rows_are_full(self, rows: list[Row], available: Decimal) -> None:
        asked = {row.ref: row for row in rows}
        shares = allocate_first_come(rows, available).shares

        for older, newer in pairwise(shares):
            assert newer.firm == 0 or older.firm == asked[older.ref].firm
            assert newer.tolerance == 0 or older.tolerance == asked[older.ref].tolerance
        if any(share.tolerance for share in shares):
            assert all(share.firm == asked[share.ref].firm for share in shares)

    @given(queues(), amounts, st.randoms())
    def test_the_order_of_reading_changes_nothing(self, rows: list[Row], available: Decimal, chance: object) -> None:
        shuffled = list(rows)
        chance.shuffle(shuffled)  # type: ignore[attr-defined]

        assert allocate_first_come(shuffled, available) == allocate_first_come(rows, available)

    def test_refuses_a_row_twice(self) -> None:
        row = Row("r1", "Lin", Decimal(1), Decimal(0), NOON)

        with pytest.raises(BadValue):
            allocate_first_come([row, row], Decimal(1))
