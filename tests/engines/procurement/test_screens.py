"""Second looks at bids: by hand, and on simulated markets."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bench.screens import run
from procurement.engines.screens import (
    PricedLine,
    abnormally_low,
    alike_groups,
    shared_traces,
    spread_of,
    unbalanced,
)

F = Fraction


class TestAbnormallyLow:
    def test_is_forty_percent_below_the_mean_of_the_others(self):
        (low,) = abnormally_low({"teng": F(60), "shen": F(85), "gao": F(115)})

        assert (low.bidder, low.below_mean, low.flagged) == ("teng", F(40, 100), True)
        assert low.below_next == F(25, 85)

    def test_is_thirty_percent_below_the_next(self):
        (low,) = abnormally_low({"teng": F(70), "shen": F(100)})

        assert (low.below_mean, low.below_next) == (None, F(30, 100))

    def test_is_not_a_hair_less(self):
        assert abnormally_low({"teng": F("70.01"), "shen": F(100)}) == []
        assert abnormally_low({"teng": F("60.01"), "shen": F(85), "gao": F(115)}) == []

    def test_says_nothing_of_one_alone_or_of_equals(self):
        assert abnormally_low({"teng": F(1)}) == []
        assert abnormally_low({"teng": F(5), "shen": F(5), "gao": F(5)}) == []
        assert abnormally_low({}) == []


class TestUnbalanced:
    LINES = tuple(
        PricedLine(name, F(10), {"shen": F(100), "gao": F(100), "teng": F(price)}, F(100))
        for name, price in (("dig", 250), ("pour", 100), ("pave", 25), ("paint", 25))
    )

    def test_leans_both_ways_from_where_the_bid_stands(self):
        (found,) = unbalanced(self.LINES)

        assert found.bidder == "teng"
        assert [(one.line, one.factor) for one in found.over] == [("dig", F(5, 2))]
        assert [one.line for one in found.under] == ["pave", "paint"]
        assert found.moved == F(150, 400)

    def test_a_bid_that_is_dear_throughout_is_balanced(self):
        lines = [PricedLine(n, F(1), {"teng": F(300), "shen": F(100), "gao": F(100)}) for n in "abc"]

        assert unbalanced(lines) == []

    def test_small_lines_move_nothing(self):
        small = [PricedLine("nail", F(1), {"teng": F(1), "shen": F("0.1"), "gao": F("0.1")})]
        large = [PricedLine(n, F(1000), {"teng": F(100), "shen": F(100), "gao": F(100)}) for n in "ab"]

        assert unbalanced([*small, *large]) == []

    def test_needs_two_others_to_know_a_level(self):
        assert unbalanced([PricedLine("a", F(1), {"teng": F(9), "shen": F(1)})]) == []


class TestSpread:
    def test_is_reckoned_by_hand(self):
        found = spread_of([100, 110, 112, 114])

        assert round(found.variation, 6) == round(29.0**0.5 / 109, 6)  # deviations -9, 1, 3, 5: variance 116 / 4
        assert found.distance == 5.0  # 10 / 2
        assert found.gap == 5.0  # 10 / ((114 - 110) / 2)

    def test_of_equal_losers_has_no_distance(self):
        assert spread_of([9, 10, 10]).distance is None

    @pytest.mark.parametrize("prices", [[], [1, 2], [0, 1, 2], [-1, 1, 2]])
    def test_needs_three_prices_above_zero(self, prices):
        with pytest.raises(ValueError, match="three"):
            spread_of(prices)


class TestAlikeGroups:
    def test_finds_three_who_cover_for_each_other_among_five(self):
        tenders = []
        for n in range(6):
            ring = ["teng", "shen", "gao"]
            winner = ring[n % 3]
            covers = {firm: 104.0 + 0.2 * at for at, firm in enumerate(one for one in ring if one != winner)}
            tenders.append({winner: 100.0, **covers, "wu": 80.0 + 7 * n, "xu": 130.0 - 5 * n})

        (found,) = alike_groups(tenders)

        assert (found.bidders, found.tenders) == (("gao", "shen", "teng"), 6)

    def test_says_nothing_before_five_tenders(self):
        assert alike_groups([{"teng": 100.0, "shen": 104.0, "gao": 104.1}] * 4) == []

    def test_finds_nine_in_ten_cartels_and_rarely_cries_wolf(self):
        found = run(["--markets", "100", "--seed", "7"])

        assert found["balanced_accuracy"] >= 0.9
        assert found["false_alarms"] <= 0.05


def test_traces_that_two_share_are_named():
    traces = {
        "teng": [("address", "1 Pump Road"), ("file", "")],
        "shen": [("address", "1 pump road "), ("file", "")],
        "gao": [("address", "2 Pump Road")],
    }

    assert shared_traces(traces) == [("address", "1 pump road", ("teng", "shen"))]
