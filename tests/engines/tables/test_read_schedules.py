"""Bid tabulations written by the tests: what is read, what is judged, what is refused."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from marketplace.engines.tables import (
    BadFile,
    BadMapping,
    RowError,
    Schedule,
    Skipped,
    bidder_key,
    load_mapping,
    parse_mapping,
    read_schedules,
    tally_of,
)
from tests.engines.tables.small_files import csv_table, mapping, workbook

HEADINGS = ("Item No.", "Item Description", "Estimated Quantity", "Units ")
TITLES = [
    (
        "WENLING PORT",
        None,
        None,
        None,
        "Teng Pumps\nCo.",
        None,
        "Ji Valves, Inc.",
        None,
        "Engineer\u2019s Estimate",
        None,
    ),
    ("PUMP HOUSE 2",),
    ("EAN 2026D001",),
    ("Solicitation No. 2026-0001",),
    (datetime(2026, 7, 1),),  # noqa: DTZ001
    (*HEADINGS, *("Unit Price", "Total Price") * 3),
]
LINES: list[tuple[Any, ...]] = [
    ("0001", "Sweeper\n(Section 1)", 1, "L.S.", 100, 100, 120, 120, 90, 90),
    ("0002", "Pipe", 3, "LF", 0.335, 1.005, 0.25, 0.75, 0.5, 1.5),
    (None, "Total Amount Bid", None, None, None, 101.01, None, 120.75, None, 91.5),
]


def schedules(rows: list[Any], title: str = "Bid Tab") -> list[Any]:
    def name(book: Any) -> None:
        book["Needs"].title = title

    content = io.BytesIO(workbook(rows, name))
    return list(read_schedules(content, load_mapping("tenders_pdx"), "tab.xlsx"))


def schedule(*rows: tuple[Any, ...]) -> Schedule:
    (found,) = schedules([*TITLES, *rows])
    assert isinstance(found, Schedule)
    return found


def changed(row: int, column: int, value: Any) -> list[tuple[Any, ...]]:
    cells = list(LINES[row])
    cells[column] = value
    return [*LINES[:row], tuple(cells), *LINES[row + 1 :]]


class TestReadSchedules:
    def test_lines_bids_titles_and_the_estimate_are_told_apart(self) -> None:
        found = schedule(*LINES)

        assert [bid.bidder.name for bid in found.bids] == ["Teng Pumps Co.", "Ji Valves, Inc."]
        assert [bid.bidder.key for bid in found.bids] == ["TENG PUMPS", "JI VALVES"]
        assert found.estimate is not None
        assert (found.tender, found.titles["project"], str(found.opened_on)) == ("2026-0001", "2026D001", "2026-07-01")
        assert (found.titles["place"], found.titles["title"]) == ("WENLING PORT", "PUMP HOUSE 2")
        assert [(line.number, line.description, line.quantity, line.unit) for line in found.lines] == [
            ("0001", "Sweeper (Section 1)", 1, "LS"),
            ("0002", "Pipe", 3, "LF"),
        ]
        assert found.judgements == ()

    def test_amounts_are_rounded_half_up_a_line(self) -> None:
        found = schedule(*LINES)

        assert found.totals == {"TENG PUMPS": Decimal("101.01"), "JI VALVES": Decimal("120.75")}
        assert found.compared() == [
            ("TENG PUMPS", Decimal("101.01"), Decimal("101.01")),
            ("JI VALVES", Decimal("120.75"), Decimal("120.75")),
        ]
        assert found.line_minima == Decimal("100.75")
        tally = tally_of([found])
        assert (tally.compared, tally.equal, tally.lowest_total) == (2, 2, Decimal("101.01"))

    def test_a_missing_price_is_judged_and_the_bid_is_not_complete(self) -> None:
        found = schedule(*changed(1, 4, None))

        assert list(found.totals) == ["JI VALVES"]
        assert [(one.what, one.rows) for one in found.judgements] == [("not_priced", "8")]
        assert tally_of([found]).lowest_total == 0

    def test_a_broken_quantity_is_judged_and_nobody_is_complete(self) -> None:
        found = schedule(*changed(1, 2, "#REF!"))

        assert found.totals == {}
        assert found.lines[1].quantity is None
        assert found.bids[0].prices[1].unit_price == Decimal("0.335")
        assert [(one.what, one.rows) for one in found.judgements] == [("broken_reference", "8")]
        assert "quantity are spreadsheet errors in 1 of 2 lines" in found.judgements[0].why

    def test_a_stated_total_that_differs_is_judged_and_the_lines_stand(self) -> None:
        found = schedule(*changed(2, 5, 99))

        assert [one.what for one in found.judgements] == ["stated_total_differs"]
        assert found.judgements[0].why == "TENG PUMPS states 99.00, the lines add up to 101.01; the lines stand"
        assert tally_of([found]).equal == 1

    def test_a_line_total_that_differs_is_judged_and_the_unit_price_stands(self) -> None:
        found = schedule(*changed(0, 5, 111), LINES[2])

        assert "line_total_differs" in [one.what for one in found.judgements]
        assert found.totals["TENG PUMPS"] == Decimal("101.01")

    def test_a_missing_total_is_judged(self) -> None:
        found = schedule(*LINES[:2])

        assert [one.what for one in found.judgements] == ["stated_total_missing"]

    def test_an_unknown_unit_is_judged_and_left_empty(self) -> None:
        found = schedule(*changed(1, 3, "Furlong"))

        assert (found.lines[1].unit, found.lines[1].unit_spelling) == (None, "Furlong")
        assert [one.what for one in found.judgements] == ["unknown_unit"]

    def test_a_template_that_nobody_filled_in_is_judged_once(self) -> None:
        titles = [("PORT", None, None, None, "Name of Contractor 1", None, "Name of Contractor 2"), TITLES[-1][:8]]
        (found,) = schedules([*titles, ("0001", "Sweeper", 1, "LS", None, 0, None, 0)])

        assert [one.what for one in found.judgements] == ["empty_template"]
        assert tally_of([found]).bidders == set()
        assert tally_of([found]).placeholders == {"Name of Contractor 1", "Name of Contractor 2"}

    def test_totals_over_several_schedules_are_not_this_ones_own(self) -> None:
        over_all = (None, "Total Amount Bid Schedules A and B", None, None, None, 999, None, 999, None, 999)

        found = schedule(*LINES, over_all)

        assert [(total.label, total.own) for total in found.stated] == [
            ("Total Amount Bid", True),
            ("Total Amount Bid Schedules A and B", False),
        ]
        assert found.own_stated["TENG PUMPS"] == Decimal("101.01")

    def test_rows_below_the_totals_are_left_out_by_name(self) -> None:
        first, second = schedules([*TITLES, *LINES, (None, "checked by Wei")])

        assert isinstance(first, Skipped)
        assert (first.rule, first.place.row) == ("below the totals", 10)
        assert isinstance(second, Schedule)

    def test_an_alternate_is_told_by_its_sheet(self) -> None:
        (found,) = schedules([*TITLES, *LINES], "Alternate Bid Tab")

        assert isinstance(found, Schedule)
        assert found.kind == "alternate"

    @pytest.mark.parametrize(
        ("column", "value", "where", "reason"),
        [
            (4, "no bid", "Teng Pumps Co.: unit price", "is not a number"),
            (4, -1, "Teng Pumps Co.: unit price", "is less than 0"),
            (4, 1e300, "Teng Pumps Co.: unit price", "is beyond"),
            (7, "x", "Ji Valves, Inc.: total", "is not a number"),
            (2, "many", "quantity", "is not a number"),
            (2, -3, "quantity", "is less than 0"),
            (4, "=1+1", "Teng Pumps Co.: unit price", "formula whose result the file does not hold"),
        ],
    )
    def test_a_bad_cell_is_an_error_before_its_schedule(self, column: int, value: Any, where: str, reason: str) -> None:
        *errors, found = schedules([*TITLES, *changed(1, column, value)])

        assert [(error.row, error.column) for error in errors] == [(8, where)]
        assert isinstance(errors[0], RowError)
        assert reason in errors[0].reason
        assert isinstance(found, Schedule)

    def test_one_bidder_over_two_blocks_is_an_error(self) -> None:
        titles = [("PORT", None, None, None, "Teng Pumps Co.", None, "TENG PUMPS, INC", None, "Estimate"), TITLES[-1]]

        error, found = schedules([*titles, *LINES])

        assert isinstance(error, RowError)
        assert (error.value, error.reason) == ("TENG PUMPS, INC", "is the name over two blocks")
        assert isinstance(found, Schedule)

    def test_prices_without_a_name_above_them_are_an_error(self) -> None:
        error, *_ = schedules(
            [("PORT", None, None, None, "Teng Pumps Co."), TITLES[-1][:8], *[row[:8] for row in LINES]]
        )

        assert isinstance(error, RowError)
        assert error.reason == "stands in a block without a bidder's name"

    def test_a_file_without_a_tabulation_is_refused(self) -> None:
        with pytest.raises(BadFile, match="no sheet is a tabulation"):
            schedules([("nothing", "here")])

    def test_too_many_lines_are_refused(self) -> None:
        rows = [*TITLES, *[LINES[0]] * 5001]

        with pytest.raises(BadFile, match="more than 5000 lines"):
            schedules(rows)

    def test_a_mapping_without_a_matrix_is_refused(self) -> None:
        with pytest.raises(BadMapping, match="matrix"):
            list(read_schedules(io.BytesIO(b"x"), mapping()))

    def test_a_tabulation_may_be_a_text_file(self) -> None:
        shipped = load_mapping("tenders_pdx")
        rows = [["" if cell is None else str(cell) for cell in row] for row in [*TITLES, *LINES]]

        (found,) = read_schedules(io.BytesIO(csv_table(rows, delimiter=";")), shipped, "tab.csv")

        assert isinstance(found, Schedule)
        assert found.totals["TENG PUMPS"] == Decimal("101.01")

    def test_another_layout_needs_only_another_mapping(self) -> None:
        text = """
kind = "bids"
[constants]
currency = "CNY"
[matrix]
total_label = '^合计'
estimate = '^标底$'
[matrix.line]
number = "序号"
description = "名称"
quantity = "数量"
unit = "单位"
[matrix.group]
unit_price = "单价"
total = "合价"
"""
        rows = [
            ("二号泵房招标", "", "", "", "温岭泵业有限公司", "", "标底", ""),
            ("序号", "名称", "数量", "单位", "单价", "合价", "单价", "合价"),
            ("1", "水泵", "2", "台", "1,000.50", "2001", "900", "1800"),
            ("", "合计", "", "", "", "2001", "", "1800"),
        ]

        (found,) = read_schedules(io.BytesIO(csv_table(rows, "gb18030")), parse_mapping(text))

        assert isinstance(found, Schedule)
        assert found.currency == "CNY"
        assert found.totals == {"温岭泵业有限公司": Decimal("2001.00")}
        assert found.lines[0].unit == "台"


class TestBidderKey:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("MJ Hughes \nConstruction, Inc.", "M.J. Hughes Construction"),
            ("Nutter Corp.", "NUTTER CORPORATION"),
            ("Dirt & Aggregate Interchange", "Dirt and Aggregate Interchange, Inc."),
            ("Kerr Contractors \nOregon, LLC", "Kerr Contractors Oregon LLC"),
            ("Granite Construction Company", "Granite Construction Co., Inc."),
            ("Smith’s Pumps Ltd", "SMITHS PUMPS LIMITED"),
        ],
    )
    def test_spellings_of_one_bidder_share_a_key(self, one: str, other: str) -> None:
        assert bidder_key(one) == bidder_key(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("James W. Fowler Co.", "James Fowler Co."),
            ("Knife River Corporation - Northwest", "Knife River Corporation"),
            ("K&E Excavating", "KE Excavating"),
        ],
    )
    def test_likeness_alone_is_not_enough(self, one: str, other: str) -> None:
        assert bidder_key(one) != bidder_key(other)

    def test_a_name_that_is_only_a_legal_form_keeps_it(self) -> None:
        assert bidder_key("Co.") == "CO"
