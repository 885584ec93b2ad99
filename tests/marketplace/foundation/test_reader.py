"""Numbers, days and states in the reader's form."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation

from marketplace.foundation.templatetags import reader
from marketplace.kernel.money import Money, Rate


def plain(html: str) -> str:
    """Return what a person reads of `html`."""
    import re

    return " ".join(re.sub("<[^>]+>", "", html).split())


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


class TestNumbers:
    def test_money_is_set_off_by_thousands_with_its_currency(self) -> None:
        assert plain(reader.money(cny("1234567.80"))) == "1,234,567.80 CNY"
        assert plain(reader.money(cny("-0.05"))) == "−0.05 CNY"
        assert plain(reader.money(Money(Decimal(1200), "JPY"))) == "1,200 JPY"
        assert plain(reader.minor(123456, "USD")) == "1,234.56 USD"
        with translation.override("zh-hans"):
            assert plain(reader.money(cny("1234567.80"))) == "1,234,567.80 元"

    @pytest.mark.parametrize(
        ("price", "shown"),
        [("2.5", "2.50 CNY"), ("0.4235", "0.4235 CNY"), ("1200", "1,200.00 CNY"), ("2.500", "2.50 CNY")],
    )
    def test_a_rate_shows_all_its_digits(self, price: str, shown: str) -> None:
        assert plain(reader.rate(Rate(Decimal(price), "CNY"))) == shown
        assert plain(reader.rate(Decimal(price), "CNY")) == shown

    @pytest.mark.parametrize(
        ("amount", "unit", "shown"),
        [
            (Decimal("12000.000000"), "C62", "12,000 pcs"),
            (Decimal("0.500000"), "KGM", "0.5 kg"),
            (Fraction(1, 4), "MTR", "0.25 m"),
            (7, "XBX", "7 box"),
            (Decimal(100), "ZZZ", "100 ZZZ"),
        ],
    )
    def test_a_quantity_stands_in_its_unit(self, amount: Decimal, unit: str, shown: str) -> None:
        assert plain(reader.qty(amount, unit)) == shown

    def test_a_share_is_a_percentage(self) -> None:
        assert reader.percent(Decimal("0.1234")) == "12.3\u202f%"
        assert reader.percent(Fraction(1, 3)) == "33.3\u202f%"
        assert reader.percent_points(Decimal(13), 0) == "13\u202f%"

    def test_nothing_is_a_dash(self) -> None:
        values = [reader.money(None), reader.rate(None), reader.qty(None), reader.day(None), reader.moment(None)]
        assert [plain(value) for value in values] == ["–"] * 5


class TestDays:
    def test_are_written_as_the_reader_writes_them(self) -> None:
        at = datetime(2026, 3, 14, 20, 30, tzinfo=UTC)

        assert plain(reader.day(date(2026, 3, 14))) == "14 Mar 2026"
        assert plain(reader.moment(at)) == "15 Mar 2026, 04:30"
        with translation.override("zh-hans"):
            assert plain(reader.day(date(2026, 3, 14))) == "2026年3月14日"


class TestStates:
    def test_a_chip_has_an_icon_and_a_word(self) -> None:
        html = reader.chip("mismatched")

        assert 'class="chip needs"' in html
        assert "#alert" in html
        assert plain(html) == "does not match"

    def test_a_state_nobody_worded_is_shown_as_it_is(self) -> None:
        assert plain(reader.chip("half_way")) == "half way"

    def test_steps_tell_what_was_taken_by_whom_and_what_is_ahead(self) -> None:
        taken = [SimpleNamespace(to_state="frozen", at=datetime(2026, 3, 2, 8, tzinfo=UTC), by="user:lin")]
        road = ["open", "frozen", "awarded"]

        drawn = reader.steps(road, "frozen", taken)["steps"]

        assert [step["kind"] for step in drawn] == ["done", "here", "ahead"]
        assert drawn[1]["change"].by == "user:lin"

    def test_steps_off_the_road_end_where_it_left_it(self) -> None:
        taken = [SimpleNamespace(to_state="frozen", at=None, by="")]

        drawn = reader.steps(["open", "frozen", "awarded"], "failed", taken)["steps"]

        assert [(step["state"], step["kind"]) for step in drawn] == [("frozen", "done"), ("failed", "here")]


class TestFillBar:
    def test_shows_the_share_and_the_marks_within_it(self) -> None:
        marks = [{"at": Decimal(5000), "label": "minimum"}, {"at": Decimal(20000), "label": "beyond"}]
        html = Template("{% load reader %}{% fill_bar taken 12000 'C62' marks %}").render(
            Context({"taken": Decimal(8200), "marks": marks})
        )

        assert 'width="68.33"' in html
        assert 'x1="41.67"' in html
        assert "8,200 pcs of 12,000 pcs" in plain(html)
        assert "beyond" not in html
        assert "style=" not in html

    @pytest.mark.parametrize(("taken", "full", "width"), [(0, 0, "0.00"), (15, 10, "100.00")])
    def test_stays_within_its_ends(self, taken: int, full: int, width: str) -> None:
        assert reader.fill_bar(taken, full)["width"] == width
