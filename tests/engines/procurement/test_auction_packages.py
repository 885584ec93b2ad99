from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.kernel.refusals import BadValue
from procurement.engines.auction_packages import PackageBid, accept

drawn = st.lists(st.tuples(st.frozensets(st.integers(0, 6), max_size=4), st.integers(0, 40)), max_size=9)


def best_of_all(bids: list[PackageBid]) -> int:
    """The highest sum over all sets of bids that share no item."""
    found = 0
    for size in range(len(bids) + 1):
        for chosen in combinations(bids, size):
            if sum(len(one.items) for one in chosen) == len(frozenset().union(*(one.items for one in chosen))):
                found = max(found, sum(one.price for one in chosen))
    return found


class TestAccept:
    @settings(max_examples=150, deadline=None)
    @given(drawn)
    def test_accepts_what_trying_everything_accepts_and_proves_it(self, rows: list[tuple[frozenset[int], int]]) -> None:
        bids = [PackageBid(f"B{place}", items, price) for place, (items, price) in enumerate(rows)]

        accepted = accept(bids)

        chosen = [one for one in bids if one.bid in accepted.bids]
        assert accepted.proved
        assert accepted.total == sum(one.price for one in chosen) == best_of_all(bids)
        assert sum(len(one.items) for one in chosen) == len(frozenset().union(*(one.items for one in chosen)))

    def test_accepts_two_that_pay_more_than_the_one_that_holds_both(self) -> None:
        bids = [
            PackageBid("whole", frozenset({1, 2}), 100),
            PackageBid("left", frozenset({1}), 60),
            PackageBid("right", frozenset({2}), 50),
        ]

        assert accept(bids).bids == ("left", "right")

    @pytest.mark.parametrize(
        ("bids", "place", "reason"),
        [
            ([PackageBid("B", frozenset({1}), -1)], "B.price", "negative"),
            ([PackageBid("B", frozenset({1}), 2**60)], "B.price", "too large"),
            ([PackageBid("B", frozenset({1}), 1), PackageBid("B", frozenset({2}), 1)], "bids", "stands twice"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, bids: list[PackageBid], place: str, reason: str) -> None:
        with pytest.raises(BadValue) as refused:
            accept(bids)

        assert (refused.value.facts["place"], refused.value.facts["reason"]) == (place, reason)
