"""Cells and rows that cannot be what they should: an error that names row, column, value and reason; no record."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.engines.tables import Record, RowError, Skipped, Tally
from tests.engines.tables.small_files import (
    HEAD,
    OTHER,
    ROW,
    csv_table,
    items_of,
    mapping,
    text_table,
    with_cell,
    workbook,
)

CELLS: dict[str, tuple[str, Any, str]] = {
    "not a number": ("Qty", "many", "is not a number"),
    "NaN": ("Qty", "NaN", "is not a number"),
    "infinity": ("Qty", "inf", "is not a number"),
    "minus infinity": ("Qty", "-Infinity", "is not a number"),
    "1e308": ("Qty", "1e308", "is beyond 9223372036854"),
    "an exponent without end": ("Qty", "1e9999", "is beyond 9223372036854"),
    "an exponent of five digits": ("Qty", "1e99999", "is not a number"),
    "a million digits": ("Qty", "9" * 100_000, "is beyond"),
    "one past the column": ("Qty", "9223372036854.1", "is beyond 9223372036854"),
    "zero where more is asked": ("Qty", "0", "is not more than 0"),
    "negative": ("Qty", "-5", "is not more than 0"),
    "negative price": ("Price", "-0.01", "is less than 0"),
    "negative price by brackets": ("Price", "(5.00)", "is not a number"),
    "seven digits behind the point": ("Qty", "0.1234567", "more than 6 digits"),
    "a tiny exponent": ("Qty", "1e-300", "more than 6 digits"),
    "groups of two": ("Qty", "1,00", "is not a number"),
    "two points": ("Qty", "1.2.3", "is not a number"),
    "underscores": ("Qty", "1_000", "is not a number"),
    "hexadecimal": ("Qty", "0x1F", "is not a number"),
    "Arabic digits": ("Qty", "١٢", "is not a number"),
    "a number with its unit": ("Qty", "12 pcs", "is not a number"),
    "two signs": ("Qty", "--5", "is not a number"),
    "a foreign currency": ("Price", "€5", "is not a number"),
    "a sign alone": ("Price", "¥", "is not a number"),
    "empty and required": ("Buyer", "", "is empty and must not be"),
    "blanks where required": ("Buyer", "  \u3000 ", "is empty and must not be"),
    "only signs that show nothing": ("Buyer", "\u200b\u202e\ufeff", "is empty and must not be"),
    "a NUL": ("Buyer", "Li\x00n", "control character U+0000"),
    "an escape": ("Buyer", "Li\x1bn", "control character U+001B"),
    "a NUL in a number": ("Qty", "2\x0000", "control character U+0000"),
    "too long": ("Buyer", "x" * 1001, "is longer than 1000 characters"),
    "no such day": ("Needed", "2026-02-30", "is not a date"),
    "no such month": ("Needed", "7-Foo-26", "is not a date"),
    "the other way round": ("Needed", "07/25/2026", "is not a date"),
    "far past": ("Needed", "0001-01-01", "is not between 1900-03-01 and 2199-12-31"),
    "far future": ("Needed", "9999-12-31", "is not between"),
    "words": ("Needed", "soon", "is not a date"),
    "an empty date": ("Needed", "", "is empty and must not be"),
    "a serial number of no day": ("Needed", "3", "is not a date"),
    "a spreadsheet error": ("Qty", "#REF!", "is the spreadsheet error #REF!"),
    "a spreadsheet error as text": ("Item", "#N/A", "is the spreadsheet error #N/A"),
}


SHOWN = {
    "only signs that show nothing": "\\u200b\\u202e\\ufeff",
    "a NUL": "Li\\u0000n",
    "an escape": "Li\\u001bn",
    "a NUL in a number": "2\\u000000",
}


@pytest.mark.parametrize("name", CELLS)
def test_a_bad_cell_is_named_and_the_next_row_is_read(name: str) -> None:
    column, value, reason = CELLS[name]

    bad, good = items_of(csv_table([HEAD, with_cell(column, value), OTHER]))

    assert isinstance(bad, RowError)
    assert (bad.file, bad.sheet, bad.row) == ("small", "", 2)
    assert bad.column.startswith(column)
    assert bad.value == SHOWN.get(name, value[:120])
    assert reason in bad.reason
    assert isinstance(good, Record)
    assert good.fields["ref"] == "R2"


def test_every_bad_cell_of_a_row_is_named_and_the_row_counts_once() -> None:
    row = with_cell("Qty", "x", with_cell("Price", "y", with_cell("Needed", "z")))
    tally = Tally()

    found = items_of(csv_table([HEAD, row, OTHER]))
    for item in found:
        tally.add(item)

    assert [item.column for item in found if isinstance(item, RowError)] == ["Qty", "Price", "Needed"]
    assert (tally.rows, tally.lines, tally.bad_rows, tally.errors) == (2, 1, 1, 3)


ROWS = {
    "cut short": ("R1,Lin,M8 bolt\n", 2, "the row has 3 cells, the header 7"),
    "one cell too many": (text_table([(*ROW, "more")]), 2, "the row has 8 cells, the header 7"),
    "a quotation mark left open": ('R1,"Lin,M8 bolt,1,1,2026-07-01,\n', 2, "cannot be cut into cells"),
    "a quotation mark inside": ('R1,"Lin"x,M8 bolt,1,1,2026-07-01,\n', 2, "cannot be cut into cells (lines 2 to 2)"),
    "a cell of 200,000 letters": (text_table([with_cell("Item", "x" * 200_000)]), 2, "field larger than field limit"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_bad_row_is_named(name: str) -> None:
    content, row, reason = ROWS[name]

    first = items_of((text_table([HEAD]) + content).encode())[0]

    assert isinstance(first, RowError)
    assert (first.row, first.column) == (row, "")
    assert reason in first.reason


def test_rows_after_a_bad_row_are_read_again() -> None:
    content = text_table([HEAD]) + 'R1,"Lin"x,M8 bolt,1,1,2026-07-01,\n' + text_table([OTHER])

    bad, good = items_of(content.encode())

    assert isinstance(bad, RowError)
    assert isinstance(good, Record)
    assert good.place.row == 3


def test_a_key_that_stands_twice_is_an_error_at_its_second_row() -> None:
    first, second = items_of(csv_table([HEAD, ROW, ROW]))

    assert isinstance(first, Record)
    assert second == RowError("small", "", 3, "ref", "R1", "stands already in row 2")


def test_a_key_stands_twice_over_two_sheets_too() -> None:
    def second_sheet(book: Any) -> None:
        sheet = book.create_sheet("More")
        for row in (HEAD, ROW):
            sheet.append(row)

    found = items_of(workbook([HEAD, ROW], second_sheet))

    assert [type(item) for item in found] == [Record, RowError]
    assert str(found[1]) == "small [More] row 2 ref: 'R1' stands already in row 2 of sheet Needs"


def test_without_a_declared_key_every_row_counts() -> None:
    found = items_of(csv_table([HEAD, ROW, ROW]), mapping(replaced=[('key = ["ref"]', "")]))

    assert [type(item) for item in found] == [Record, Record]


def test_a_key_of_a_bad_row_is_not_taken() -> None:
    bad, good = items_of(csv_table([HEAD, with_cell("Qty", "x"), ROW]))

    assert isinstance(bad, RowError)
    assert isinstance(good, Record)


def test_a_skipped_row_is_counted_by_its_rule_and_no_error() -> None:
    row = with_cell("State", "Cancelled ", with_cell("Qty", "rubbish"))

    found = items_of(csv_table([HEAD, row, OTHER]))

    assert isinstance(found[0], Skipped)
    assert (found[0].rule, found[0].place.row) == ("cancelled", 2)
    assert isinstance(found[1], Record)


def test_an_unreadable_cell_is_never_skipped_silently() -> None:
    rule = '[[skip]]\nname = "small"\ncolumn = "Qty"\nat_most = 10\n'

    found = items_of(csv_table([HEAD, with_cell("Qty", "#REF!"), with_cell("Qty", "7", OTHER)]), mapping(rule))

    assert isinstance(found[0], RowError)
    assert isinstance(found[1], Skipped)
    assert found[1].rule == "small"


class TestWorkbookCells:
    """What only a workbook can hold."""

    def test_a_formula_without_a_result_is_an_error(self) -> None:
        bad = items_of(workbook([HEAD, with_cell("Qty", "=100+100")]))[0]

        assert isinstance(bad, RowError)
        assert (bad.sheet, bad.row, bad.column, bad.value) == ("Needs", 2, "Qty", "=100+100")
        assert "formula whose result the file does not hold" in bad.reason

    def test_a_formula_in_a_column_nobody_reads_is_none_of_our_business(self) -> None:
        found = items_of(workbook([(*HEAD, "Note"), (*ROW, "=1/0")]))

        assert isinstance(found[0], Record)

    def test_a_truth_value_is_no_number(self) -> None:
        bad = items_of(workbook([HEAD, with_cell("Qty", True)]))[0]

        assert isinstance(bad, RowError)
        assert bad.reason == "is a truth value, not a number"

    def test_a_date_is_no_number(self) -> None:
        import datetime

        bad = items_of(workbook([HEAD, with_cell("Qty", datetime.date(2026, 7, 1))]))[0]

        assert isinstance(bad, RowError)
        assert bad.reason == "is a date or time, not a number"

    def test_a_time_of_day_is_no_date(self) -> None:
        import datetime

        bad = items_of(workbook([HEAD, with_cell("Needed", datetime.time(8, 30))]))[0]

        assert isinstance(bad, RowError)
        assert "is not a date" in bad.reason

    def test_an_error_value_is_an_error(self) -> None:
        bad = items_of(workbook([HEAD, with_cell("Qty", "#DIV/0!")]))[0]

        assert isinstance(bad, RowError)
        assert bad.reason == "is the spreadsheet error #DIV/0!"

    def test_a_binary_fraction_beyond_the_column_is_an_error(self) -> None:
        bad = items_of(workbook([HEAD, with_cell("Qty", 1e308)]))[0]

        assert isinstance(bad, RowError)
        assert "is beyond" in bad.reason
