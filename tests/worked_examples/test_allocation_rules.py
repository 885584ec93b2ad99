"""Thirty-one drums for four members, shared by each of the five rules (docs/algorithms/allocation_rule.md).

The level of max-min fairness is found by progressive filling: Bertsekas and Gallager, Data Networks, second edition,
1992, section 6.5.2.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from procurement.engines.allocation_rules import allocate
from procurement.engines.packs import Row

EIGHT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def _row(ref: str, member: str, firm: int, tolerance: int, minute: int, *, priority: int = 0) -> Row:
    return Row(ref, member, Decimal(firm), Decimal(tolerance), EIGHT + timedelta(minutes=minute), priority=priority)


ROWS = [
    _row("1", "Lin", 20, 4, 0),
    _row("2", "Bao", 6, 0, 1),
    _row("3", "Wei", 12, 0, 2, priority=1),
    _row("4", "Lin", 4, 0, 3),
    _row("5", "Hua", 3, 2, 4),
]


@pytest.mark.parametrize(
    ("rule", "shares"),
    [
        ("first_come", {"1": 20, "2": 6, "3": 5, "4": 0, "5": 0}),
        ("pro_rata", {"1": 17, "2": 4, "3": 8, "4": 0, "5": 2}),  # 31/45 of 24, 6, 12, 3: 16.53, 4.13, 8.27, 2.07
        ("max_min", {"1": 11, "2": 6, "3": 11, "4": 0, "5": 3}),  # 3 and 6 in full, 22 left for two
        ("smallest_first", {"1": 10, "2": 6, "3": 12, "4": 0, "5": 3}),
        ("priority", {"1": 19, "2": 0, "3": 12, "4": 0, "5": 0}),
    ],
)
def test_thirty_one_drums(rule: str, shares: dict[str, int]) -> None:
    found = allocate(rule, ROWS, Decimal(31))

    assert {share.ref: share.quantity for share in found.shares} == shares
    assert found.left_over == 0


def test_forty_eight_drums_leave_three_for_tolerances() -> None:
    # All 45 firm drums are served; Lin would take 4 more and Hua 2.
    tolerance = {
        rule: {share.ref: share.tolerance for share in allocate(rule, ROWS, Decimal(48)).shares if share.tolerance}
        for rule in ("first_come", "pro_rata", "max_min", "smallest_first")
    }

    assert tolerance == {
        "first_come": {"1": 3},
        "pro_rata": {"1": 2, "5": 1},
        "max_min": {"1": 2, "5": 1},
        "smallest_first": {"1": 1, "5": 2},
    }
