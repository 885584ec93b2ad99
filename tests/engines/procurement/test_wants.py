from __future__ import annotations

from decimal import Decimal

import pytest

from marketplace.kernel.refusals import BadValue
from procurement.engines.wants import (
    Entry,
    Level,
    curve_fault,
    dearest_cost,
    entries_of,
    read_curve,
    wanted_at,
    within,
)


def levels(*pairs: tuple[str, str]) -> list[Level]:
    return [Level(Decimal(price), Decimal(quantity)) for price, quantity in pairs]


HUNDRED_THEN_FIFTY = levels(("10", "100"), ("9", "150"))


class TestCurveFault:
    @pytest.mark.parametrize(
        ("curve", "fault"),
        [
            ([], "has no level"),
            (levels(("10", "0")), "has a price or a quantity that is not above zero"),
            (levels(("0", "5")), "has a price or a quantity that is not above zero"),
            (levels(("NaN", "5")), "has a price or a quantity that is not above zero"),
            (levels(("10", "5"), ("10", "6")), "names a price twice"),
            (levels(("9", "5"), ("10", "6")), "must begin at the dearest price"),
            (levels(("10", "5"), ("9", "4")), "wants less at a cheaper price"),
            (levels(("10", "5"), ("9", "5")), "has a level that adds nothing"),
            (levels(*((str(99 - n), str(n + 1)) for n in range(21))), "has more than 20 levels"),
            (HUNDRED_THEN_FIFTY, ""),
        ],
    )
    def test_says_what_is_wrong(self, curve: list[Level], fault: str) -> None:
        assert curve_fault(curve) == fault


class TestEntriesOf:
    def test_gives_each_level_its_increment_and_the_tolerance_to_the_dearest(self) -> None:
        assert entries_of(HUNDRED_THEN_FIFTY, Decimal(5)) == [
            Entry(Decimal(100), Decimal(5), Decimal(10)),
            Entry(Decimal(50), Decimal(0), Decimal(9)),
        ]

    @pytest.mark.parametrize("price", ["8", "9", "9.5", "10", "10.01"])
    def test_rows_that_stand_at_a_price_add_up_to_what_the_curve_wants_there(self, price: str) -> None:
        standing = [e for e in entries_of(HUNDRED_THEN_FIFTY) if e.ceiling is None or e.ceiling >= Decimal(price)]

        assert sum(entry.quantity for entry in standing) == wanted_at(HUNDRED_THEN_FIFTY, Decimal(price))


class TestDearestCost:
    def test_is_the_dearest_over_all_levels(self) -> None:
        assert dearest_cost(entries_of(HUNDRED_THEN_FIFTY)) == 1350
        assert dearest_cost(entries_of(levels(("10", "100"), ("6", "150")))) == 1000


class TestWithin:
    def test_no_more_at_any_price(self) -> None:
        approved = entries_of(HUNDRED_THEN_FIFTY)

        assert within([Entry(Decimal(90), Decimal(0), Decimal(10))], approved)
        assert within([Entry(Decimal(150), Decimal(0), Decimal(9))], approved)
        assert not within([Entry(Decimal(101), Decimal(0), Decimal("9.01"))], approved)
        assert not within([Entry(Decimal(1), Decimal(0), None)], approved)


class TestReadCurve:
    def test_reads_what_people_write(self) -> None:
        assert list(read_curve("10.00:100; 9.00:150")) == HUNDRED_THEN_FIFTY
        assert list(read_curve("10：100；9：150；")) == HUNDRED_THEN_FIFTY
        assert read_curve("  ") == ()

    @pytest.mark.parametrize("text", ["10", "ten:5", "10:", "9:150; 10:100", "10:1;;x"])
    def test_refuses_what_is_no_curve(self, text: str) -> None:
        with pytest.raises(BadValue) as refused:
            read_curve(text)

        assert refused.value.facts["place"] == "curve"
