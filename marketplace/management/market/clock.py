"""The market's own time: a run on past demand lives in the past."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from marketplace.kernel.clock import business_date, midnight

OPENING_HOUR = timedelta(hours=9)


class MarketClock:
    """A clock that stands still until it is moved on, and never runs backwards."""

    def __init__(self, day: date) -> None:
        self._now = midnight(day) + OPENING_HOUR

    def __call__(self) -> datetime:
        return self._now

    @property
    def today(self) -> date:
        return business_date(self._now)

    @property
    def tomorrow(self) -> date:
        return self.today + timedelta(days=1)

    def pass_time(self, **period: int) -> datetime:
        """Move on by a `timedelta` given in its own words (days=2, minutes=5)."""
        self._now += timedelta(**period)
        return self._now

    def wait_until(self, day: date) -> datetime:
        """Move on to the opening hour of `day`, unless that is past."""
        self._now = max(self._now, midnight(day) + OPENING_HOUR)
        return self._now
