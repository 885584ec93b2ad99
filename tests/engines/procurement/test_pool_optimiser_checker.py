from __future__ import annotations

from typing import Any

import pytest

from procurement.engines.pooling.csv_files import read_market, rows_text
from procurement.engines.pooling.planning import plan_market
from procurement.engines.pooling_check import check_pooling, check_values
from tests.engines.procurement.small_markets import LINE_HEAD, TIER_HEAD, as_csv

ROWS = [(0, 7, 0, 60, 0, 4, 850), (1, 7, 0, 70, 3, 9, 0), (2, 7, 0, 20, 6, 8, 950), (3, 7, 0, 5, 30, 31, 100)]
LINES = as_csv(LINE_HEAD, ROWS)
TIERS = as_csv(TIER_HEAD, [(7, 1, 1000), (7, 50, 900), (7, 130, 800)])
MARKET = read_market(LINES, TIERS)
DECISION = plan_market(MARKET, effort="best")
POOLS = b"line,closing_day\n" + rows_text([MARKET.line, DECISION.closing])


def wrong(csv: bytes = POOLS, lines: bytes = LINES, **changes: Any) -> str:
    return "; ".join(check_pooling(lines, TIERS, csv, DECISION.to_json() | changes))


class TestChecker:
    def test_finds_nothing_wrong_with_a_valid_decision(self) -> None:
        assert POOLS == b"line,closing_day\n0,4\n1,4\n2,\n3,\n"
        assert wrong() == ""

    @pytest.mark.parametrize(
        ("old", "new", "found"),
        [
            (b"1,4", b"1,2", "line 1 closes on 2, not within 3 to 9"),
            (b"1,4", b"1,9", "line 0 pays 900, above its ceiling 850"),
            (b"2,\n", b"", "line 2 is not decided"),
            (b"2,\n", b"2,\n2,\n", "line 2 stands 2 times"),
            (b"2,\n", b"2,\n9,4\n", "line 9 is not in the problem"),
            (b"2,\n", b"2,8\n", "line 2 pays 1000, above its ceiling 950"),
            (b"3,\n", b"3,31\n", "line 3 pays 1000, above its ceiling 100"),
        ],
    )
    def test_finds_a_fault_planted_in_the_pools(self, old: bytes, new: bytes, found: str) -> None:
        assert found in wrong(POOLS.replace(old, new))

    @pytest.mark.parametrize(
        ("key", "value", "found"),
        [
            ("kind", "award", "kind is 'award'"),
            ("problem_sha256", "0" * 64, "problem_sha256 is not of these bytes"),
            ("total", DECISION.total - 1, "total is"),
            ("total", float(DECISION.total), "total is"),
            ("pools", 2, "pools is 2, derived 1"),
            ("components", 3, "components is 3, derived 2"),
            ("bound", DECISION.total + 1, "is above"),
            ("exact_components", 5, "exact_components 5"),
            ("exact_quantity_share", 1.5, "is no share"),
        ],
    )
    def test_finds_a_fault_planted_in_the_decision(self, key: str, value: object, found: str) -> None:
        assert found in wrong(**{key: value})

    def test_finds_that_other_lines_were_decided(self) -> None:
        assert "not of these bytes" in wrong(lines=LINES.replace(b"60", b"61"))

    def test_finds_a_bound_that_its_values_do_not_prove(self) -> None:
        value = dict(enumerate(DECISION.value.tolist()))
        component = dict(enumerate(DECISION.component.tolist()))
        bound = {number: one + 10**6 for number, one in enumerate(DECISION.component_bound.tolist())}

        assert len(check_values(LINES, TIERS, value, bound, component)) == 2
