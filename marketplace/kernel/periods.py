"""Half-open periods [start, end) of days, and the calendar windows that pools are cut into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True)
class Period:
    """The days from `start` up to and not including `end`.

    :raises ValueError: it would end before or when it begins.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a period cannot run from {self.start} to {self.end}")

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    def overlaps(self, other: Period) -> bool:
        return self.start < other.end and other.start < self.end


KNOWN = Period(date(2000, 1, 1), date(2200, 1, 1))  # days on which anybody may need, gather or decide anything


def month_of(day: date) -> Period:
    """Return the calendar month that holds `day`; the last one a date can name ends on its last day."""
    start = day.replace(day=1)
    if (start.year, start.month) == (date.max.year, 12):
        return Period(start, date.max)
    return Period(start, (start + timedelta(days=32)).replace(day=1))


def iso_week_of(day: date) -> Period:
    """Return the ISO 8601 week (Monday to Sunday) that holds `day`."""
    start = day - timedelta(days=day.isoweekday() - 1)
    return Period(start, start + timedelta(days=7))


def window_of(day: date, kind: str) -> Period:
    """Return the `month` or `week` that holds `day`.

    :raises ValueError: another kind.
    """
    if kind == "month":
        return month_of(day)
    if kind == "week":
        return iso_week_of(day)
    raise ValueError(f"windows are cut by month or week, not by {kind!r}")


def window_label(day: date, kind: str) -> str:
    """Return how people write the window of `day`: `2012-07`, or `2011-W31` by ISO week-year."""
    if kind == "month":
        return f"{day.year:04d}-{day.month:02d}"
    if kind == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    raise ValueError(f"windows are cut by month or week, not by {kind!r}")
