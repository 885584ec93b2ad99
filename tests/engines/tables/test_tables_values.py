"""Numbers and dates as people write them, and what a field makes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.engines.tables import Record, parse_mapping
from marketplace.engines.tables.dates import DateRule, date_reader
from marketplace.engines.tables.numbers import WIDEST, NumberRule, read_number
from marketplace.engines.tables.patterns import safe_pattern
from marketplace.engines.tables.results import CellRefused
from tests.engines.tables.small_files import csv_table, items_of

SLASHED = DateRule(("M/D/YY", "M/D/YYYY", "D-MMM-YY", "D-MMM-YYYY", "iso"), century=2000)


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "rule", "number"),
        [
            ("1,234.50", NumberRule(), "1234.50"),
            ("1.234,50", NumberRule(decimal=",", thousands="."), "1234.50"),
            ("1 234,50", NumberRule(decimal=",", thousands=" "), "1234.50"),
            ("1\u202f234,50", NumberRule(decimal=",", thousands=" "), "1234.50"),
            ("1'234.50", NumberRule(thousands="'"), "1234.50"),
            ("$ 1,234", NumberRule(signs=("$",)), "1234"),
            ("-$5", NumberRule(signs=("$",)), "-5"),
            ("$-5", NumberRule(signs=("$",)), "-5"),
            ("5 EUR", NumberRule(signs=("EUR",)), "5"),
            ("($1,234.50)", NumberRule(signs=("$",), brackets=True), "-1234.50"),
            ("\u22125", NumberRule(), "-5"),
            (".5", NumberRule(), "0.5"),
            ("5.", NumberRule(), "5"),
            ("1.0000005", NumberRule(rounded=True), "1.000001"),
            ("2.5", NumberRule(places=0, rounded=True), "3"),
            ("9223372036854", NumberRule(), "9223372036854"),
            ("3.000", NumberRule(whole=True), "3"),
            ("-0.00", NumberRule(least=Decimal(0)), "0"),
        ],
    )
    def test_a_number_is_read_by_its_rule(self, text: str, rule: NumberRule, number: str) -> None:
        assert read_number(text, rule) == Decimal(number)
        assert str(read_number(text, rule))[0] == number[0]

    @pytest.mark.parametrize("text", ["3.5", "0.1"])
    def test_a_fraction_is_no_whole_number(self, text: str) -> None:
        with pytest.raises(CellRefused, match="not a whole number"):
            read_number(text, NumberRule(whole=True))

    @given(st.decimals(min_value=-WIDEST, max_value=WIDEST, places=6, allow_nan=False, allow_infinity=False))
    def test_every_number_a_column_holds_is_read_as_itself(self, number: Decimal) -> None:
        assert read_number(f"{number:,f}", NumberRule()) == number

    @given(st.floats())
    def test_a_workbooks_number_is_kept_to_six_places_or_refused(self, number: float) -> None:
        try:
            read = read_number(number, NumberRule(rounded=True))
        except CellRefused:
            assert not abs(number) < float(WIDEST)
        else:
            assert abs(read - Decimal(number)) <= Decimal("0.0000006") + abs(Decimal(number)) * Decimal("1e-14")

    @given(st.text(max_size=20))
    def test_any_text_is_a_number_in_bounds_or_refused(self, text: str) -> None:
        try:
            read = read_number(text, NumberRule(least=Decimal(0)))
        except CellRefused:
            return
        assert 0 <= read <= WIDEST


class TestDates:
    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("2-Jun-06", date(2006, 6, 2)),
            ("02-Jun-06", date(2006, 6, 2)),
            ("1-Sept-06", date(2006, 9, 1)),
            ("01-Sep-2006", date(2006, 9, 1)),
            ("1-september-06", date(2006, 9, 1)),
            ("11/13/06", date(2006, 11, 13)),
            ("12/01/2006", date(2006, 12, 1)),
            ("1/2/99", date(2099, 1, 2)),
            ("2006-11-13", date(2006, 11, 13)),
            ("2006-11-13 08:26:00", date(2006, 11, 13)),
            ("１１／１３／０６", date(2006, 11, 13)),
            ("29-Feb-12", date(2012, 2, 29)),
        ],
    )
    def test_a_date_is_read_by_the_first_format_that_takes_it(self, text: str, day: date) -> None:
        assert date_reader(SLASHED)(text).date() == day

    @pytest.mark.parametrize("text", ["29-Feb-11", "13/13/06", "0/1/06", "1-Juni-06", "2006", "11/13", "1/1/1", ""])
    def test_another_text_is_refused(self, text: str) -> None:
        with pytest.raises(CellRefused, match="is not a date"):
            date_reader(SLASHED)(text)

    def test_months_of_another_language_may_be_declared(self) -> None:
        rule = DateRule(("D MMM YYYY",), months={"août": 8, "févr": 2})

        assert date_reader(rule)("3 Août 2026").date() == date(2026, 8, 3)
        assert date_reader(rule)("3 févr. 2026").date() == date(2026, 2, 3)

    def test_two_digit_years_fall_in_the_declared_century(self) -> None:
        assert date_reader(DateRule(("D/M/YY",), century=1950))("1/1/49").year == 2049
        assert date_reader(DateRule(("D/M/YY",), century=1950))("1/1/50").year == 1950

    @given(st.dates(min_value=date(1950, 1, 1), max_value=date(2049, 12, 31)))
    def test_every_day_is_read_back_from_every_format(self, day: date) -> None:
        rule = DateRule(("D-MMM-YY", "M/D/YY", "YYYYMMDD", "YYYY年M月D日"), century=1950)
        written = [f"{day.day}-{day:%b-%y}", f"{day.month}/{day.day}/{day:%y}", f"{day:%Y%m%d}"]
        written.append(f"{day.year}年{day.month}月{day.day}日")

        assert {date_reader(rule)(text).date() for text in written} == {day}

    def test_a_clock_reading_gets_the_fields_zone(self) -> None:
        using = parse_mapping(
            'kind = "bids"\n[fields.at]\ncolumn = "At"\ntype = "datetime"\nformats = ["D.M.YYYY hh:mi", "iso"]\n'
            'zone = "Asia/Shanghai"\n'
        )
        content = csv_table([("At",), ("1.7.2026 08:30",), ("2026-07-01T08:30:00+02:00",)])

        first, second = (item.fields["at"] for item in items_of(content, using) if isinstance(item, Record))

        assert isinstance(first, datetime)
        assert isinstance(second, datetime)
        assert first.astimezone(UTC) == datetime(2026, 7, 1, 0, 30, tzinfo=UTC)
        assert second.astimezone(UTC) == datetime(2026, 7, 1, 6, 30, tzinfo=UTC)


class TestFields:
    """What a mapping may do to one field."""

    def one(self, rule: str, *cells: str, headings: tuple[str, ...] = ("A", "B")) -> list[dict[str, object]]:
        using = parse_mapping(f'kind = "bids"\n[fields.it]\n{rule}\n[fields.other]\ncolumn = "B"\n')
        content = csv_table([headings, *[(cell, "x") for cell in cells]])
        found = items_of(content, using)
        assert all(isinstance(item, Record) for item in found), found
        return [dict(item.fields) for item in found if isinstance(item, Record)]

    def test_a_value_map_compares_without_case_and_blanks(self) -> None:
        rule = 'column = "A"\n[fields.it.values]\n"L.S." = "LS"\n"lump  sum" = "LS"\n'

        assert [row["it"] for row in self.one(rule, "l.s.", "Lump Sum", "EA")] == ["LS", "LS", "EA"]

    def test_a_choice_takes_only_what_it_lists(self) -> None:
        using = parse_mapping(
            'kind = "bids"\n[fields.it]\ncolumn = "A"\ntype = "choice"\nvalues = {yes = "y", no = "n"}\n'
        )

        good, bad = items_of(csv_table([("A",), ("YES",), ("maybe",)]), using)

        assert isinstance(good, Record)
        assert good.fields["it"] == "y"
        assert "is none of yes, no" in str(bad)

    def test_a_special_text_gives_a_status_and_what_it_captures(self) -> None:
        rule = """column = "A"
type = "number"
status = "it_status"
texts = [{equals = ["n/a", "tbd"], status = "unknown"}, {matches = 'See (?P<of>[0-9]+)', status = "reference"}]
"""

        rows = self.one(rule, "5", "N/A", "See 17", "")

        assert [(row["it"], row["it_status"], row["of"]) for row in rows] == [
            (Decimal(5), "stated", None),
            (None, "unknown", None),
            (None, "reference", "17"),
            (None, "empty", None),
        ]

    def test_a_capture_keeps_its_group_and_names_the_others(self) -> None:
        rule = "column = 'A'\ntype = 'number'\ncapture = '([0-9.]+) *(?P<unit>[a-z]+)$'\n"

        assert self.one(rule, "about 12.5 kg")[0] == {"it": Decimal("12.5"), "unit": "kg", "other": "x"}

    def test_texts_declared_empty_give_the_default(self) -> None:
        rule = 'column = "A"\nempty = ["-", "n/a"]\ndefault = "none"\n'

        assert [row["it"] for row in self.one(rule, "-", "N/A", "", "some")] == ["none", "none", "none", "some"]

    def test_texts_are_removed_and_put_in_one_case(self) -> None:
        rule = "column = 'A'\nremove = '\\.0+$'\ncase = 'upper'\n"

        assert [row["it"] for row in self.one(rule, "17850.0", "a1")] == ["17850", "A1"]

    def test_joined_columns_are_empty_when_a_part_is(self) -> None:
        rule = 'join = ["A", "B"]\nseparator = " / "\n'

        assert [row["it"] for row in self.one(rule, "Lin", "")] == ["Lin / x", None]

    def test_a_column_that_is_not_there_leaves_its_field_empty(self) -> None:
        using = parse_mapping(
            'kind = "bids"\n[fields.it]\ncolumn = "C"\ndefault = "?"\n[fields.other]\ncolumn = "B"\nrequired = true\n'
        )

        assert [
            dict(item.fields) for item in items_of(csv_table([("B",), ("x",)]), using) if isinstance(item, Record)
        ] == [{"it": "?", "other": "x"}]

    def test_equal_headings_are_told_apart_by_nth(self) -> None:
        rule = 'column = "B"\nnth = 2\n'
        using = parse_mapping(f'kind = "bids"\n[fields.it]\n{rule}[fields.other]\ncolumn = "B"\nnth = 1\n')

        (found,) = items_of(csv_table([("B", "B"), ("first", "second")]), using)

        assert isinstance(found, Record)
        assert found.fields == {"it": "second", "other": "first"}

    def test_blanks_are_kept_when_asked(self) -> None:
        assert self.one('column = "A"\nspaces = "keep"\n', " a  b ")[0]["it"] == "a  b"

    def test_a_product_of_two_fields_is_exact_and_bounded(self) -> None:
        using = parse_mapping(
            'kind = "bids"\n[fields.q]\ncolumn = "Q"\ntype = "number"\n[fields.p]\ncolumn = "P"\ntype = "number"\n'
            '[fields.v]\ntype = "number"\nproduct_of = ["q", "p"]\n'
        )

        good, empty, bad = items_of(csv_table([("Q", "P"), ("3", "0.123"), ("3", ""), ("9e9", "9e9")]), using)

        assert isinstance(good, Record)
        assert isinstance(empty, Record)
        assert (good.fields["v"], empty.fields["v"]) == (Decimal("0.369"), None)
        assert "is beyond" in str(bad)

    def test_a_skip_may_need_several_tests(self) -> None:
        using = parse_mapping(
            'kind = "bids"\n[[skip]]\nname = "free samples"\n'
            'all = [{column = "A", equals = "sample"}, {column = "B", at_most = 0}]\n[fields.it]\ncolumn = "A"\n'
        )

        found = items_of(csv_table([("A", "B"), ("sample", "0"), ("sample", "5"), ("real", "0")]), using)

        assert [type(item).__name__ for item in found] == ["Skipped", "Record", "Record"]

    @pytest.mark.parametrize(
        ("test", "left"),
        [
            ('equals = "c1"', ["C2", "d1", ""]),
            ('not_equals = ["C1", "C2"]', ["C1", "C2"]),
            ('starts_with = "C"', ["d1", ""]),
            ('ends_with = "1"', ["C2", ""]),
            ('contains = "D"', ["C1", "C2", ""]),
            ("empty = true", ["C1", "C2", "d1"]),
            ("empty = false", [""]),
            ("matches = '^[A-Z]'", ["d1", ""]),
        ],
    )
    def test_each_verb_of_a_skip_leaves_out_its_rows(self, test: str, left: list[str]) -> None:
        using = parse_mapping(
            f'kind = "bids"\n[[skip]]\nname = "out"\ncolumn = "A"\n{test}\n[fields.it]\ncolumn = "A"\ndefault = ""\n'
            '[fields.other]\ncolumn = "B"\n'
        )
        found = items_of(csv_table([("A", "B"), *[(text, "x") for text in ("C1", "C2", "d1", "")]]), using)

        assert [item.fields["it"] for item in found if isinstance(item, Record)] == left

    @pytest.mark.parametrize(
        ("test", "left"),
        [
            ("at_most = 1", ["2", "x"]),
            ("below = 1", ["1", "2", "x"]),
            ("at_least = 1", ["0", "x"]),
            ("above = 1", ["0", "1", "x"]),
        ],
    )
    def test_each_comparison_of_a_skip_leaves_out_its_rows(self, test: str, left: list[str]) -> None:
        using = parse_mapping(
            f'kind = "bids"\n[[skip]]\nname = "out"\ncolumn = "A"\n{test}\n[fields.it]\ncolumn = "A"\n'
        )
        found = items_of(csv_table([("A",), ("0",), ("1",), ("2",), ("x",)]), using)

        assert [item.fields["it"] for item in found if isinstance(item, Record)] == left


class TestPatterns:
    @pytest.mark.parametrize(
        "text", ["(a+)+", "(a|aa)*b", "(?:a*b?)*", "((ab){2,})+", "(a+|b)+", "(?P<x>(.*),)+", "(?:x?){50}"]
    )
    def test_a_repeat_of_a_repeat_or_branch_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="may run for hours"):
            safe_pattern(text)

    @pytest.mark.parametrize(
        "text", ["[0-9]+-[a-z]*", "(?:ASN|DN)-[0-9]+", "([0-9]{2})+", "[ab]+", "(a)?(b+)?", "^x|y$"]
    )
    def test_another_pattern_is_taken(self, text: str) -> None:
        assert safe_pattern(text).pattern == text

    @pytest.mark.parametrize("text", ["(", "a" * 501, "(?P<x>a)(?P<x>b)", "a{5,2}", "(?<=a*)b"])
    def test_what_is_no_pattern_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="is"):
            safe_pattern(text)
