"""What pooling would have saved, on a file made by hand and on the wholesaler's lines."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.kernel.money import Money
from marketplace.kernel.refusals import BadValue
from procurement.engines.pooling_estimate import estimate
from procurement.engines.price_steps import Lines, isotonic_steps, lowest_steps
from procurement.insights.use_cases import EstimateRefused, estimate_savings

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
MONDAY, SUNDAY, NEXT_MONDAY = "2011-01-03 09:00:00", "2011-01-09 18:00:00", "2011-01-10 08:00:00"


def line(no: int, code: str, quantity: int, day: str, *rest: str) -> str:
    price, buyer = rest
    return f"{no},{code},THING,{quantity},{day},{price},{buyer},United Kingdom\n"


# 2 to 9 cost 10.00, from 10 on 8.00 (three lines each, in January's first week and before). In that week Lin (1) orders
# twice 2 and Bao (2) once 6: 10 together. Wei (3) buys 3 a week later, alone.
BY_HAND = HEAD + "".join(
    [
        line(1, "A1", 2, MONDAY, "10.00", "1.0"),
        line(2, "A1", 2, SUNDAY, "10.00", "1.0"),
        line(3, "A1", 6, SUNDAY, "10.00", "2.0"),
        line(4, "A1", 3, NEXT_MONDAY, "10.00", "3.0"),
        *(line(5 + n, "A1", 10, "2010-12-06 10:00:00", "8.00", "4.0") for n in range(3)),
        "C9,A1,THING,-2,2011-01-03 09:00:00,10.00,1.0,United Kingdom\n",
        *(line(10, "POST", 1, MONDAY, "80.00", "1.0") for _ in range(3)),
        *(line(11 + n, "POST", 4, MONDAY, "5.00", "2.0") for n in range(3)),
    ]
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lines.csv"
    path.write_text(BY_HAND)
    return path


def gbp(minor: int) -> Money:
    return Money.from_minor(minor, "GBP")


class TestByHand:
    def test_each_buyer_saves_by_the_step_that_all_reach_together(self, file: Path) -> None:
        report = estimate_savings(path=file, mapping="retail")

        saved = {one.buyer: (one.saved, one.alone) for one in report.buyers}
        # 4 x 2.00 and 6 x 2.00; nobody alone reaches 10, and Bao's postage is many things under one code.
        assert saved == {
            "2": (gbp(1200), gbp(0)),
            "1": (gbp(800), gbp(0)),
            "3": (gbp(0), gbp(0)),
            "4": (gbp(0), gbp(0)),
        }
        assert report.saved == gbp(2000)
        assert (report.lines, report.skipped, report.pools, report.shared_pools, report.lower_pools) == (13, 1, 4, 2, 1)
        assert (report.not_believed, report.not_believed_paid) == (("POST",), gbp(30000))

    def test_own_lines_of_a_week_at_once_need_nobody_else(self, tmp_path: Path) -> None:
        path = tmp_path / "own.csv"
        rows = [line(n, "A1", 5, MONDAY, "10.00", "1.0") for n in range(3)]
        rows += [line(9 + n, "A1", 10, "2010-12-06 10:00:00", "8.00", "4.0") for n in range(3)]
        path.write_text(HEAD + "".join(rows))

        report = estimate_savings(path=path, mapping="retail")

        assert report.alone == report.saved == gbp(3000)

    def test_the_command_says_what_it_assumes_and_writes_the_whole(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("estimate_savings", str(file), mapping="retail", out=str(tmp_path / "out.json"), json=True)

        shown = capsys.readouterr().out
        whole = json.loads((tmp_path / "out.json").read_text())
        assert shown.startswith("An estimate, not a proof.")
        assert (whole["saved_minor"], whole["by_buyer"][0]["buyer"]) == (2000, "2")
        assert "by_buyer" not in json.loads(shown.splitlines()[-1])
        assert [one["code"] for one in whole["sensitivity"]][-1] == "second_half_by_steps_of_the_first"

    def test_products_that_are_none_are_left_out(self, file: Path) -> None:
        report = estimate_savings(path=file, mapping="retail", left_out=["A1"])

        assert (report.saved, report.lines) == (gbp(0), 6)


class TestRefuses:
    def test_wrong_rows_unless_told_otherwise(self, tmp_path: Path) -> None:
        path = tmp_path / "wrong.csv"
        path.write_text(BY_HAND + line(99, "A1", 2, "yesterday", "10.00", "1.0"))

        with pytest.raises(EstimateRefused):
            estimate_savings(path=path, mapping="retail")
        assert estimate_savings(path=path, mapping="retail", take_good=True).wrong == 1

    def test_a_file_without_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "none.csv"
        path.write_text(HEAD)

        with pytest.raises(CommandError, match="no line has a price"):
            call_command("estimate_savings", str(path), mapping="retail")

    def test_another_window(self, file: Path) -> None:
        with pytest.raises(BadValue):
            estimate_savings(path=file, mapping="retail", window="day")

    def test_quantities_and_prices_that_are_none(self) -> None:
        with pytest.raises(BadValue):
            columns(quantity=[0], price=[5])
        with pytest.raises(BadValue):
            columns(quantity=[2**39, 2**39], price=[2**30, 2**30])


def columns(quantity: list[int], price: list[int], product: list[int] | None = None) -> Lines:
    n = len(price)
    each: Any = [product or [0] * n, [0] * n, [0] * n, quantity, price]
    return Lines(*(np.array(one, dtype=np.int64) for one in each))


rows = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 30), st.integers(1, 200)), min_size=1, max_size=40)


class TestSteps:
    def test_pool_what_rises(self) -> None:
        steps = isotonic_steps(columns([1, 5, 10, 20], [10, 6, 8, 5]))

        assert (steps.start.tolist(), steps.price.tolist()) == ([1, 5, 20], [10, 7, 5])

    def test_join_what_was_seen_too_rarely(self) -> None:
        steps = isotonic_steps(columns([1, 1, 1, 5, 10, 10, 10], [10, 10, 10, 9, 4, 4, 4]), seen=3)

        assert (steps.start.tolist(), steps.price.tolist()) == ([1, 10], [10, 4])

    def test_of_the_lower_envelope(self) -> None:
        steps = lowest_steps(columns([1, 5, 10, 20], [10, 6, 8, 5]))

        assert (steps.start.tolist(), steps.price.tolist()) == ([1, 5, 20], [10, 6, 5])

    @given(rows, st.integers(1, 4))
    @settings(max_examples=100, deadline=None)
    def test_never_rise_and_look_up_what_they_say(self, made: list[tuple[int, int, int]], seen: int) -> None:
        product, quantity, price = (list(one) for one in zip(*made, strict=True))
        lines = columns(quantity, price, product)

        for steps in (isotonic_steps(lines, seen), lowest_steps(lines)):
            kept = list(zip(steps.product.tolist(), steps.start.tolist(), steps.price.tolist(), strict=True))
            assert kept == sorted(kept)
            for (a, _, dear), (b, _, cheap) in pairwise(kept):
                assert a != b or cheap <= dear
            found = steps.price_at(lines.product, lines.quantity).tolist()
            for n, code in enumerate(product):
                own = [(start, paid) for one, start, paid in kept if one == code]
                reached = [paid for start, paid in own if start <= quantity[n]] or [own[0][1]]
                assert found[n] == reached[-1]

    @given(rows)
    @settings(max_examples=100, deadline=None)
    def test_never_make_a_pool_dearer(self, made: list[tuple[int, int, int]]) -> None:
        product, quantity, price = (list(one) for one in zip(*made, strict=True))
        lines = columns(quantity, price, product)

        for absolute in (False, True):
            assert estimate(lines, isotonic_steps(lines), absolute=absolute).saved.min() >= 0


@pytest.mark.shared
class TestTheWholesaler:
    def test_a_week_together_saves_a_twenty_third(self, shared: Path) -> None:
        report = estimate_savings(
            path=shared / "data" / "retail" / "online_retail_2010-12_to_2011-08.csv.gz", mapping="retail"
        )

        assert (report.lines, report.skipped, str(report.paid)) == (226_467, 94_238, "5239240.562")
        assert (report.pools, report.shared_pools, report.lower_pools) == (58_338, 37_479, 16_475)
        assert (report.saved, report.alone) == (gbp(22_611_087), gbp(247_456))
        assert sum(one.saved.minor for one in report.buyers) == report.saved.minor
        assert {"M", "POST"} <= set(report.not_believed)
        assert {one.code: one.saved.minor for one in report.sensitivity} == {
            "every_step": 24_144_781,
            "steps_seen_10_times": 16_944_344,
            "products_falling_further_too": 27_701_513,
            "absolute_steps": 26_913_554,
            "lower_envelope": 51_699_105,
            "second_half_by_its_own_steps": 10_740_386,
            "second_half_by_steps_of_the_first": 9_147_404,
        }
