"""Members share what several suppliers bring."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from procurement.contracts.rules import Share, share_out

quantities = st.lists(st.integers(1, 1000).map(Decimal), min_size=1, max_size=12)


def test_the_earliest_member_is_served_by_the_first_line() -> None:
    shares = share_out([Decimal(60), Decimal(40)], [Decimal(50), Decimal(30), Decimal(20)])

    assert shares == [
        Share(0, 0, Decimal(50)),
        Share(0, 1, Decimal(10)),
        Share(1, 1, Decimal(20)),
        Share(1, 2, Decimal(20)),
    ]


@given(supplies=quantities, wants=quantities)
def test_nobody_is_exceeded_and_nothing_is_left_over(supplies: list[Decimal], wants: list[Decimal]) -> None:
    shares = share_out(supplies, wants)

    by_line: dict[int, Decimal] = defaultdict(Decimal)
    by_member: dict[int, Decimal] = defaultdict(Decimal)
    for share in shares:
        by_line[share.line] += share.quantity
        by_member[share.member] += share.quantity
    assert sum(by_line.values()) == min(sum(supplies), sum(wants))
    assert all(by_line[line] <= supplies[line] for line in by_line)
    assert all(by_member[member] <= wants[member] for member in by_member)


@given(supplies=quantities, wants=quantities)
def test_members_deal_with_few_suppliers(supplies: list[Decimal], wants: list[Decimal]) -> None:
    assert len(share_out(supplies, wants)) <= len(supplies) + len(wants) - 1
