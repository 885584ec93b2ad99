from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from marketplace.kernel.refusals import BadValue
from procurement.engines.pooling.csv_files import read_market, write_pools
from procurement.engines.pooling.market import Market
from procurement.engines.pooling.planning import MarketDecision, plan_market
from procurement.engines.pooling_check import Line, cheapest, check_pooling, check_values, cut, read_tiers
from tests.engines.procurement.small_markets import LINE_HEAD, TIER_HEAD, as_csv, small_market

MARKETS = 1_000


def read(seed: int, most: int = 6) -> Market:
    lines, tiers = small_market(seed, most)
    return read_market(as_csv(LINE_HEAD, lines), as_csv(TIER_HEAD, tiers))


@cache
def decided(seed: int, effort: str, most: int = 6) -> MarketDecision:
    return plan_market(read(seed, most), effort=effort)


@cache
def by_hand(seed: int) -> int:
    """The least a market can cost, by trying everything."""
    lines, tiers = small_market(seed)
    prices = read_tiers(as_csv(TIER_HEAD, tiers))
    return sum(cheapest(piece, prices[piece[0].product]) for piece in cut([Line(*line) for line in lines]))


class TestThousandSmallMarkets:
    def test_best_is_the_cheapest_there_is(self) -> None:
        assert [seed for seed in range(MARKETS) if decided(seed, "best").total != by_hand(seed)] == []

    def test_best_proves_it(self) -> None:
        assert [seed for seed in range(MARKETS) if decided(seed, "best").bound != by_hand(seed)] == []

    def test_the_bound_never_lies_above_the_cheapest(self) -> None:
        assert [seed for seed in range(MARKETS) if decided(seed, "fast").bound > by_hand(seed)] == []

    def test_fast_is_never_below_it(self) -> None:
        assert [seed for seed in range(MARKETS) if decided(seed, "fast").total < by_hand(seed)] == []

    def test_all_decisions_are_valid(self, tmp_path: Path) -> None:
        found = [
            wrong for seed in range(200) for effort in ("fast", "best") for wrong in checked(seed, effort, tmp_path)
        ]

        assert found == []


def checked(seed: int, effort: str, folder: Path, most: int = 6) -> list[str]:
    lines, tiers = small_market(seed, most)
    decision = decided(seed, effort, most)
    write_pools(folder / "pools.csv", read(seed, most), decision.closing)
    raw = (as_csv(LINE_HEAD, lines), as_csv(TIER_HEAD, tiers))
    return check_pooling(*raw, (folder / "pools.csv").read_bytes(), decision.to_json(), tried=4)


class TestLargerMarkets:
    @pytest.mark.parametrize("seed", range(8))
    def test_decisions_are_valid(self, seed: int, tmp_path: Path) -> None:
        assert checked(seed, "best", tmp_path, most=400) == []

    @pytest.mark.parametrize("seed", range(8))
    def test_best_is_no_dearer_than_fast(self, seed: int) -> None:
        assert decided(seed, "best", 400).total <= decided(seed, "fast", 400).total

    @pytest.mark.parametrize("seed", range(8))
    def test_values_prove_the_bounds_in_fractions(self, seed: int) -> None:
        lines, tiers = small_market(seed, 400)
        decision = decided(seed, "best", 400)
        component, value = decision.component.tolist(), decision.value.tolist()
        large = {line for line, number in enumerate(component) if component.count(number) > 10}

        wrong = check_values(
            as_csv(LINE_HEAD, lines),
            as_csv(TIER_HEAD, tiers),
            dict(enumerate(value)),
            dict(enumerate(decision.component_bound.tolist())),
            {line: component[line] for line in large},
        )

        assert wrong == []

    def test_the_same_seed_gives_the_same_decision(self) -> None:
        first, second = (plan_market(read(3, 400), effort="best", seed=7) for _ in range(2))

        assert np.array_equal(first.closing, second.closing)

    @pytest.mark.parametrize("effort", ["fast", "best"])
    def test_the_order_of_the_rows_does_not_matter(self, effort: str) -> None:
        lines, tiers = small_market(5, 400)
        random.Random(1).shuffle(lines)
        random.Random(2).shuffle(tiers)

        shuffled = plan_market(read_market(as_csv(LINE_HEAD, lines), as_csv(TIER_HEAD, tiers)), effort=effort)

        assert np.array_equal(shuffled.closing, decided(5, effort, 400).closing)

    def test_a_market_decided_in_parts_costs_the_same(self) -> None:
        lines, tiers = small_market(6, 400)
        parts = [
            plan_market(
                read_market(
                    as_csv(LINE_HEAD, [line for line in lines if line[1] == product]), as_csv(TIER_HEAD, tiers)
                ),
                effort="best",
            )
            for product in sorted({line[1] for line in lines})
        ]

        assert sum(part.total for part in parts) == decided(6, "best", 400).total


class TestOneClosingDay:
    def test_is_decided_exactly_by_fast(self) -> None:
        """Lin, Bao and Wei can only close on day 5: the largest step that those who accept it reach is taken."""
        lines = [(0, 7, 0, 60, 5, 5, 850), (1, 7, 0, 40, 5, 5, 0), (2, 7, 0, 20, 5, 5, 950)]
        tiers = [(7, 1, 1000), (7, 50, 900), (7, 130, 800)]

        decision = plan_market(read_market(as_csv(LINE_HEAD, lines), as_csv(TIER_HEAD, tiers)))

        assert decision.closing.tolist() == [-1, 5, 5]
        assert decision.total == decision.bound == 5000 + 60 * 900 + 60 * 1100


class TestRefusals:
    LINE = "0,7,0,10,1,5,0"
    TIERS = b"product,from,price\n7,1,100\n"

    @pytest.mark.parametrize(
        ("row", "place", "value", "reason"),
        [
            ("0,7,0,0,1,5,0", "lines.csv, row 2, column quantity", 0, "not positive"),
            ("0,7,0,-4,1,5,0", "lines.csv, row 2, column quantity", "-4", "negative"),
            ("0,7,0,NaN,1,5,0", "lines.csv, row 2, column quantity", "NaN", "not an integer"),
            ("0,7,0,1.5,1,5,0", "lines.csv, row 2, column quantity", "1.5", "not an integer"),
            ("0,7,0,9999999999999999,1,5,0", "lines.csv, row 2, column quantity", "9999999999999999", "too large"),
            ("0,7,0,10,6,5,0", "lines.csv, row 2, column deadline", 5, "the window ends before it begins"),
            ("0,8,0,10,1,5,0", "lines.csv, row 2, column product", 8, "no tiers for this product"),
            ("0,7,0,10,1,5", "lines.csv, row 2, column deadline", "5", "too few columns"),
            ("0,7,0,10,1,5,0,1", "lines.csv, row 2, column ceiling", "", "too many columns"),
            (
                "0,7,0,10,1,5,0\n1,7,0,1,1,1,0\n0,7,0,1,1,5,0",
                "lines.csv, row 4, column line",
                0,
                "the line stands twice",
            ),
            ("0,7,0,999999999999999,1,5,0", "lines.csv.quantity", 999999999999999.0, "too much to add up"),
        ],
    )
    def test_of_a_line_name_the_place(self, row: str, place: str, value: object, reason: str) -> None:
        with pytest.raises(BadValue) as refusal:
            read_market(as_csv(LINE_HEAD, []) + row.encode() + b"\n", self.TIERS)

        assert refusal.value.facts == {"place": place, "value": value, "reason": reason}

    @pytest.mark.parametrize(
        ("rows", "row", "column", "reason"),
        [
            ("7,5,100", 2, "from", "the first tier of a product does not start at 1"),
            ("7,1,100\n7,50,110", 3, "price", "rises above the tier before"),
            ("7,1,100\n7,50,90\n7,50,80", 4, "from", "two tiers of one product start here: they overlap"),
        ],
    )
    def test_of_a_tier_name_the_place(self, rows: str, row: int, column: str, reason: str) -> None:
        with pytest.raises(BadValue) as refusal:
            read_market(as_csv(LINE_HEAD, []) + self.LINE.encode(), f"product,from,price\n{rows}\n".encode())

        assert refusal.value.facts["place"] == f"tiers.csv, row {row}, column {column}"
        assert refusal.value.facts["reason"] == reason

    def test_of_an_empty_problem(self) -> None:
        with pytest.raises(BadValue, match="no line"):
            read_market(as_csv(LINE_HEAD, []), self.TIERS)

    def test_of_no_tiers(self) -> None:
        with pytest.raises(BadValue, match="no tier"):
            read_market(as_csv(LINE_HEAD, []) + self.LINE.encode(), as_csv(TIER_HEAD, []))

    def test_of_another_header(self) -> None:
        with pytest.raises(BadValue, match="the header is not"):
            read_market(b"a,b\n1,2\n", self.TIERS)

    def test_of_another_effort(self) -> None:
        with pytest.raises(BadValue, match="none of fast, best"):
            plan_market(read(1), effort="better")


class TestFiles:
    def test_may_have_returns_and_no_last_newline(self) -> None:
        market = read_market((LINE_HEAD + "\r\n3,7,1,10,1,5,0").encode(), TestRefusals.TIERS.replace(b"\n", b"\r\n"))

        assert (market.line.tolist(), market.deadline.tolist()) == ([3], [5])

    def test_one_line_is_bought_or_left_out_whichever_is_cheaper(self) -> None:
        lines = as_csv(LINE_HEAD, [(0, 7, 0, 10, 1, 5, 0)])

        cheap = plan_market(read_market(lines, b"product,from,price\n7,1,100\n"))
        dear = plan_market(read_market(lines, b"product,from,price\n7,1,10000\n"))

        assert (cheap.closing.tolist(), cheap.total) == ([-1], 1_100)
        assert (dear.closing.tolist(), dear.total) == ([5], 105_000)
