"""The shipped mapping `tenders_pdx` against the facts of ../shared/data/tenders_pdx, lot by lot."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from marketplace.engines.tables import (
    BidTally,
    RowError,
    Schedule,
    Skipped,
    bidder_key,
    load_mapping,
    read_schedules,
    tally_of,
)
from marketplace.engines.tables.schedules import to_cent

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def facts(shared: Path) -> dict[str, Any]:
    return dict(json.loads((shared / "data/tenders_pdx/facts.json").read_text()))


@pytest.fixture(scope="module")
def items(shared: Path) -> list[Any]:
    mapping = load_mapping("tenders_pdx")
    workbooks = sorted((shared / "data/tenders_pdx/workbooks").glob("*.xlsx"))
    return [item for workbook in workbooks for item in read_schedules(workbook, mapping)]


@pytest.fixture(scope="module")
def schedules(items: list[Any]) -> list[Schedule]:
    return [item for item in items if isinstance(item, Schedule)]


@pytest.fixture(scope="module")
def tally(schedules: list[Schedule]) -> BidTally:
    return tally_of(schedules)


def test_no_cell_is_an_error_and_every_other_sheet_is_named(items: list[Any]) -> None:
    assert [item for item in items if isinstance(item, RowError)] == []
    rules = {item.rule for item in items if isinstance(item, Skipped)}
    assert rules == {"another sheet", "below the totals"}


def test_the_sums_meet_the_facts(tally: BidTally, facts: dict[str, Any]) -> None:
    assert len(tally.tenders) == facts["solicitations"] == 16
    assert tally.prices == facts["line_bid_rows"] == 5859
    assert (tally.compared, tally.equal) == (84, 84)
    assert tally.contested == facts["lots_with_2plus_complete_bidders"] == 17
    assert tally.lowest_total == Decimal("45452509.50")
    assert tally.line_minima == Decimal("36277515.38")


def test_every_lot_equals_its_facts(schedules: list[Schedule], facts: dict[str, Any]) -> None:
    wanted = {(lot["workbook"], lot["sheet"]): lot for lot in facts["lots"]}

    assert len(schedules) == len(wanted) == 24
    for schedule in schedules:
        lot = wanted.pop((schedule.file, schedule.sheet))
        found = {
            "lines": len(schedule.lines),
            "bidders": len(schedule.bids),
            "bidders_complete": len(schedule.totals),
            "kind": schedule.kind,
            "totals": schedule.totals,
        }
        assert found == {
            "lines": lot["lines"],
            "bidders": lot["bidders"],
            "bidders_complete": lot["bidders_complete"],
            "kind": lot["schedule"].split("/")[0].lower(),
            "totals": {bidder_key(name): Decimal(total) for name, total in right(lot.get("totals", {})).items()},
        }, lot
        if lot["bidders_complete"]:
            check_sums(schedule, lot)
    assert wanted == {}


def right(by_name: dict[str, Any]) -> dict[str, Any]:
    """The facts keep two misspelt names that the mapping's aliases put right."""
    misspelt = {"GOODFELLOWS BROS LLC": "GOODFELLOW BROS", "GOODFELLA BROS INC.": "GOODFELLOW BROS"}
    return {misspelt.get(name, name): value for name, value in by_name.items()}


def check_sums(schedule: Schedule, lot: dict[str, Any]) -> None:
    lowest = min(schedule.totals, key=lambda key: schedule.totals[key])
    assert lowest == bidder_key(lot["lowest_bidder"])
    assert schedule.totals[lowest] == Decimal(lot["lowest_total"])
    assert schedule.line_minima == Decimal(lot["sum_of_line_minima"])
    assert schedule.estimate is not None
    assert to_cent(schedule.own_stated[schedule.estimate.bidder.key]) == Decimal(lot["engineers_estimate"])
    assert abs(schedule.total_of(schedule.estimate) - Decimal(lot["engineers_estimate"])) <= Decimal("0.02")
    stated = {
        bidder_key(name): [(label, round(Decimal(amount), 3)) for label, amount in totals]
        for name, totals in right(lot["stated_totals"]).items()
    }
    found = {
        bid.bidder.key: [(total.label, round(total.amounts[bid.bidder.key], 3)) for total in schedule.stated]
        for bid in schedule.bids
    }
    assert found == stated


def test_sums_over_several_schedules_add_up_too(schedules: list[Schedule]) -> None:
    by_file: dict[str, list[Schedule]] = {}
    for schedule in schedules:
        by_file.setdefault(schedule.file, []).append(schedule)
    checked = 0
    for several in by_file.values():
        over_all = [total for schedule in several for total in schedule.stated if not total.own]
        for total in over_all:
            for key in several[0].totals:
                parts = [schedule.totals.get(key, Decimal(0)) for schedule in several]
                assert abs(total.amounts[key] - sum(parts)) < Decimal("0.01")
                checked += 1

    assert checked == 5 + 2 + 5 + 5


def test_bidders_are_one_under_all_their_spellings(tally: BidTally) -> None:
    assert len(tally.bidders) == 31
    assert len(tally.spellings) == 42
    assert len(tally.placeholders) == 8
    assert {"GOODFELLOW BROS", "MJ HUGHES CONSTRUCTION", "DIRT & AGGREGATE INTERCHANGE", "NUTTER"} <= tally.bidders


def test_what_needed_judgement_comes_out_as_data(tally: BidTally) -> None:
    found = {(one.file, one.sheet, one.rows, one.what) for one in tally.judgements}

    assert found == {
        ("HIO Runway and Taxway Seals Bid Tab.xlsx", "Alternate Bid Tabulation", "14-16", "zero_line"),
        ("PDX_15D147BidTab.xlsx", "Bid Tab A (FAA)", "97-140", "broken_reference"),
        ("PDX_15D147BidTab.xlsx", "Bid Tab A (FAA)", "141", "broken_reference"),
        ("PDX_15D147BidTab.xlsx", "Bid Tab B (Port)", "12-23", "broken_reference"),
        ("PDX_15D147BidTab.xlsx", "Bid Tab B (Port)", "24-25", "broken_reference"),
        ("PDX_2016D015 Basin 7.xlsx", "Bid Tabulation", "44", "not_priced"),
        ("PDX_2017D013.xlsx", "Bid Tab Base Bid", "8-91", "empty_template"),
        ("PDX_2017D013.xlsx", "Bid Tab Alternate A", "8-24", "empty_template"),
    }
    assert all(one.why for one in tally.judgements)


def test_units_become_codes_and_titles_are_read(schedules: list[Schedule]) -> None:
    units = {line.unit for schedule in schedules for line in schedule.lines}
    first = schedules[0]

    assert units == {"LS", "EA", "LF", "FTK", "YDK", "YDQ", "ACR", "STN", "GLL", "LBR", None}
    assert first.tender == "2024-10519"
    assert first.titles["project"] == "2023D018"
    assert first.titles["place"] == "HILLSBORO AIRPORT"
    assert first.titles["title"] == "RUNWAY AND TAXIWAY SEALS (RE-BID)"
    assert str(first.opened_on) == "2026-01-26"
