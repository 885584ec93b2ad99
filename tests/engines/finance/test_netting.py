"""Set-off between two sides, and waterfalls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engines.netting import Due, NetDue, net
from finance.engines.waterfall import pour


class TestNet:
    def test_sets_off_the_smaller_side_and_leaves_one_payment(self) -> None:
        result = net([Due("invoice", -1, 100), Due("bill", 1, 30)])

        assert result.net == -70
        assert result.set_off == 30
        assert result.dues == (NetDue("invoice", -1, 30, 70), NetDue("bill", 1, 30, 0))

    def test_sets_off_the_oldest_first_so_that_one_debt_at_most_is_split(self) -> None:
        result = net([Due("a", -1, 40), Due("b", -1, 40), Due("c", -1, 40), Due("d", 1, 60)])

        assert [(due.key, due.set_off, due.paid) for due in result.dues] == [
            ("a", 40, 0),
            ("b", 20, 20),
            ("c", 0, 40),
            ("d", 60, 0),
        ]

    def test_leaves_debts_of_one_direction_alone(self) -> None:
        result = net([Due("a", -1, 5), Due("b", -1, 7)])

        assert (result.net, result.set_off) == (-12, 0)

    def test_finds_nothing_to_pay_when_both_sides_are_equal(self) -> None:
        assert net([Due("a", -1, 5), Due("b", 1, 5)]).net == 0

    @pytest.mark.parametrize("due", [Due("a", -1, 0), Due("a", 1, -3), Due("a", 2, 5)])
    def test_refuses_what_is_no_debt(self, due: Due) -> None:
        with pytest.raises(ValueError, match="positive amounts"):
            net([due])

    @given(st.lists(st.tuples(st.sampled_from([1, -1]), st.integers(1, 10**12)), max_size=30))
    def test_discharges_every_debt_exactly(self, raw: list[tuple[int, int]]) -> None:
        dues = [Due(str(i), sign, amount) for i, (sign, amount) in enumerate(raw)]

        result = net(dues)

        assert [part.set_off + part.paid for part in result.dues] == [due.amount for due in dues]
        for sign in (1, -1):
            assert sum(part.set_off for part in result.dues if part.sign == sign) == result.set_off
        assert sum(part.sign * part.paid for part in result.dues) == result.net
        assert len({part.sign for part in result.dues if part.paid}) <= 1
        assert sum(1 for part in result.dues if part.set_off and part.paid) <= 1


class TestPour:
    def test_fills_each_debt_before_the_next(self) -> None:
        assert pour(10, [4, 4, 4]).paid == (4, 4, 2)

    def test_keeps_what_no_debt_takes(self) -> None:
        assert pour(10, [4]).left == 6

    def test_refuses_negative_sums(self) -> None:
        with pytest.raises(ValueError, match="no negative sums"):
            pour(-1, [4])

    @given(st.lists(st.integers(0, 10**9), max_size=12), st.integers(0, 10**10), st.integers(0, 10**10))
    def test_two_goes_end_where_one_go_ends(self, owed: list[int], first: int, second: int) -> None:
        once = pour(first + second, owed)

        one = pour(first, owed)
        two = pour(second, [debt - paid for debt, paid in zip(owed, one.paid, strict=True)])

        assert once.paid == tuple(a + b for a, b in zip(one.paid, two.paid, strict=True))
        assert once.left == one.left + two.left
