"""Time enters by the doors only: use cases and engines are handed `at`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present instant in UTC; only doors call this."""
    return datetime.now(UTC)


def business_date(at: datetime, zone: ZoneInfo = SHANGHAI) -> date:
    """Return the civil date of `at` where the market trades.

    :raises ValueError: `at` carries no zone.
    """
    if at.tzinfo is None:
        raise ValueError("a naive datetime has no business date")
    return at.astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo = SHANGHAI) -> datetime:
    """Return the instant at which `day` begins where the market trades, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
