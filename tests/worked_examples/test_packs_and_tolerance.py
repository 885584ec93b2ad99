"""Packs of ten, worked by hand from the group-ordering rule of Foodsoft.

Source: Foodsoft, app/models/order_article.rb (units to order from quantity and tolerance) and
app/models/group_order_article.rb (distribution of what was ordered over group orders, oldest first):
https://github.com/foodcoops/foodsoft
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from procurement.engines.packs import Row, allocate_first_come, count_packs

EIGHT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("firm", "tolerance", "packs", "why"),
    [
        (0, 0, 0, "nothing_wanted"),
        (0, 25, 0, "nothing_wanted"),  # tolerance alone fills no pack
        (9, 0, 0, "below_minimum"),
        (9, 1, 1, "completed_by_tolerance"),
        (10, 9, 1, "whole_packs"),
        (10, 30, 1, "whole_packs"),  # no remainder, nothing to complete
        (13, 6, 1, "whole_packs"),  # 3 + 6 < 10
        (13, 7, 2, "completed_by_tolerance"),
        (13, 27, 2, "completed_by_tolerance"),  # at most one pack
        (29, 1, 3, "completed_by_tolerance"),
    ],
)
def test_packs_of_ten(firm: int, tolerance: int, packs: int, why: str) -> None:
    count = count_packs(Decimal(firm), Decimal(tolerance), pack=Decimal(10))

    assert (count.packs, count.why.code) == (packs, why)


def test_flour_in_sacks_of_two_and_a_half_kilos() -> None:
    count = count_packs(Decimal("6.2"), Decimal("1.3"), pack=Decimal("2.5"))

    assert (count.packs, count.quantity, count.tolerance) == (3, Decimal("7.5"), Decimal("1.3"))


def test_a_minimum_of_thirty_is_in_pieces_not_in_packs() -> None:
    short = count_packs(Decimal(19), Decimal(5), pack=Decimal(10), minimum=Decimal(30))
    reached = count_packs(Decimal(25), Decimal(5), pack=Decimal(10), minimum=Decimal(30))

    assert (short.packs, short.why.code, short.missing) == (0, "below_minimum", 6)
    assert (reached.packs, reached.tolerance) == (3, 5)


def test_twenty_pieces_over_four_rows_oldest_first() -> None:
    # Lin wants 7 (+3), Bao 8, Wei 4, then Lin comes back for 3 (+2): 22 firm, two packs of ten.
    rows = [
        Row("1", "Lin", Decimal(7), Decimal(3), EIGHT),
        Row("2", "Bao", Decimal(8), Decimal(0), EIGHT + timedelta(minutes=5)),
        Row("3", "Wei", Decimal(4), Decimal(0), EIGHT + timedelta(minutes=5), sequence=1),
        Row("4", "Lin", Decimal(3), Decimal(2), EIGHT + timedelta(minutes=9)),
    ]
    ordered = count_packs(Decimal(22), Decimal(5), pack=Decimal(10))

    result = allocate_first_come(rows, ordered.quantity)

    assert ordered.packs == 2  # 2 + 5 < 10
    assert [(share.ref, share.quantity, share.why.code) for share in result.shares] == [
        ("1", 7, "firm_full"),
        ("2", 8, "full"),
        ("3", 4, "full"),
        ("4", 1, "part"),
    ]
    assert result.by_member == {"Lin": 8, "Bao": 8, "Wei": 4}


def test_tolerance_falls_to_the_oldest_rows() -> None:
    # 13 firm and 9 tolerance make two packs; the seven pieces of tolerance go to the oldest rows.
    rows = [
        Row("1", "Lin", Decimal(6), Decimal(5), EIGHT),
        Row("2", "Bao", Decimal(7), Decimal(4), EIGHT + timedelta(minutes=1)),
    ]

    result = allocate_first_come(rows, Decimal(20))

    assert [(share.firm, share.tolerance) for share in result.shares] == [(6, 5), (7, 2)]
    assert result.left_over == 0


def test_a_short_delivery_reaches_the_oldest_first() -> None:
    rows = [
        Row("1", "Lin", Decimal(12), Decimal(0), EIGHT),
        Row("2", "Bao", Decimal(12), Decimal(0), EIGHT + timedelta(minutes=1)),
    ]

    result = allocate_first_come(rows, Decimal(23))

    assert result.by_member == {"Lin": 12, "Bao": 11}
