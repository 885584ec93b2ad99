"""Periods, refs, clocks, machines and refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum

import pytest

from marketplace.kernel.actors import NOBODY, Actor
from marketplace.kernel.clock import business_date, midnight
from marketplace.kernel.periods import Period, iso_week_of, month_of, window_label, window_of
from marketplace.kernel.quantity import Quantity
from marketplace.kernel.refs import Ref
from marketplace.kernel.refusals import IllegalMove, NotAllowed
from marketplace.kernel.state_machine import Machine


class TestPeriod:
    def test_holds_its_first_day_and_not_its_end(self) -> None:
        july = month_of(date(2026, 7, 9))

        assert date(2026, 7, 1) in july
        assert date(2026, 8, 1) not in july
        assert (july.days, july.last_day) == (31, date(2026, 7, 31))

    def test_refuses_to_end_before_it_begins(self) -> None:
        with pytest.raises(ValueError):
            Period(date(2026, 7, 1), date(2026, 7, 1))

    def test_neighbours_do_not_overlap(self) -> None:
        assert not month_of(date(2026, 7, 1)).overlaps(month_of(date(2026, 8, 1)))

    @pytest.mark.parametrize(
        ("day", "kind", "label"),
        [
            (date(2012, 7, 31), "month", "2012-07"),
            (date(2011, 8, 3), "week", "2011-W31"),
            (date(2012, 1, 1), "week", "2011-W52"),
            (date(2024, 12, 30), "week", "2025-W01"),
        ],
    )
    def test_windows_are_written_as_people_write_them(self, day: date, kind: str, label: str) -> None:
        assert window_label(day, kind) == label
        assert day in window_of(day, kind)

    def test_a_week_begins_on_monday(self) -> None:
        assert iso_week_of(date(2026, 3, 1)) == Period(date(2026, 2, 23), date(2026, 3, 2))


class TestRef:
    def test_reads_what_it_writes(self) -> None:
        assert str(Ref.parse("TD-2026-0012")) == "TD-2026-0012"
        assert str(Ref("PO", 2026, 123456)) == "PO-2026-123456"

    @pytest.mark.parametrize("text", ["TD-26-0012", "td-2026-0012", "TD-2026-12", "TD-2026-0012 "])
    def test_refuses_what_is_none(self, text: str) -> None:
        with pytest.raises(ValueError):
            Ref.parse(text)


class TestClock:
    def test_a_business_day_begins_at_shanghai_s_midnight(self) -> None:
        assert business_date(datetime(2026, 6, 30, 16, 0, tzinfo=UTC)) == date(2026, 7, 1)
        assert midnight(date(2026, 7, 1)) == datetime(2026, 6, 30, 16, 0, tzinfo=UTC)

    def test_a_naive_instant_has_no_day(self) -> None:
        with pytest.raises(ValueError):
            business_date(datetime(2026, 6, 30))  # noqa: DTZ001 - that is the point


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


class TestMachine:
    lamp = Machine("lamp", {(Light.RED, "go"): Light.GREEN, (Light.GREEN, "stop"): Light.RED})

    def test_goes_where_its_table_says(self) -> None:
        assert self.lamp.after("red", "go") is Light.GREEN
        assert self.lamp.verbs("green") == ["stop"]
        assert self.lamp.states() == ["red", "green"]

    def test_refuses_every_other_step(self) -> None:
        with pytest.raises(IllegalMove) as refusal:
            self.lamp.after("red", "stop")

        assert refusal.value.facts == {"machine": "lamp", "state": "red", "verb": "stop"}

    def test_draws_itself(self) -> None:
        assert self.lamp.mermaid() == "stateDiagram-v2\n    red --> green: go\n    green --> red: stop"


def test_units_do_not_mix() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        Quantity(1, "KGM") + Quantity(1, "MTR")  # type: ignore[arg-type]


def test_nobody_has_no_role() -> None:
    Actor(by="user:lin", roles=frozenset({"buyer"})).must("buyer")
    with pytest.raises(NotAllowed):
        NOBODY.must("buyer")
