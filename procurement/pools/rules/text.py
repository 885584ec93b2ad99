"""How numbers, windows and verbs of pools are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeGuard

from marketplace.kernel.periods import Period, iso_week_of, month_of, window_label


def plain(number: Decimal) -> str:
    """Return `number` without the zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def readable(reason: Mapping[str, object]) -> dict[str, object]:
    """Return a kept reason's facts as people read them: numbers without the zeros that say nothing."""
    return {name: plain(Decimal(fact)) if _is_number(fact) else fact for name, fact in reason.items()}


def _is_number(fact: object) -> TypeGuard[str]:
    return isinstance(fact, str) and fact.isascii() and fact.replace(".", "", 1).isdigit()


def trimmed(number: Decimal) -> Decimal:
    """Return `number` without the zeros that say nothing, never in powers of ten."""
    return Decimal(plain(number))


def window_text(start: date, end: date) -> str:
    """Return how people write the window [start, end): `2012-07`, `2012-W31`, or its first and last day."""
    window = Period(start, end)
    if window == month_of(start):
        return window_label(start, "month")
    if window == iso_week_of(start):
        return window_label(start, "week")
    return f"{start.isoformat()} - {window.last_day.isoformat()}"


def verbs_of_pool(machine_verbs: Sequence[str], joinable: bool, buyer: bool, staff: bool) -> list[str]:
    """Return what the asker may do to a pool: buyers join while it is open, staff freeze it or let it fail."""
    mine = ["join"] if joinable and buyer else []
    return mine + [verb for verb in machine_verbs if staff and verb in {"fill", "freeze", "fail"}]
