"""Dates as people write them, by an ordered list of formats that the mapping declares."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from marketplace.engines.tables.cells import Cell, clean_cell
from marketplace.engines.tables.results import CellRefused

_ENGLISH = "january february march april may june july august september october november december".split()  # noqa: SIM905
MONTHS = {name: n for n, name in enumerate(_ENGLISH, 1)} | {name[:3]: n for n, name in enumerate(_ENGLISH, 1)}
MONTHS["sept"] = 9

_TOKENS = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<short>[0-9]{2})",
    "MMMM": r"(?P<name>[^\W\d_]{3,12})\.?",
    "MMM": r"(?P<name>[^\W\d_]{3,12})\.?",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{2})",
    "D": r"(?P<day>[0-9]{1,2})",
    "hh": r"(?P<hour>[0-9]{1,2})",
    "mi": r"(?P<minute>[0-9]{2})",
    "ss": r"(?P<second>[0-9]{2})(?:\.[0-9]+)?",
}
_CUT = re.compile("|".join(sorted(_TOKENS, key=len, reverse=True)) + "|.", re.DOTALL)
NAMED = ("iso", "excel")  # formats that are not patterns
_EXCEL_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook's clock has no zone


@dataclass(frozen=True)
class DateRule:
    """Which dates a field takes.

    formats     tried in order: patterns of YYYY YY MMMM MMM MM M DD D hh mi ss and literal text; `iso`; `excel` (a
                spreadsheet's serial number). Cells that are dates already need none.
    century     first year of the hundred that two-digit years fall in
    earliest    first and last day taken; a date outside is refused
    months      month names beside the English ones, folded to lower case
    """

    formats: tuple[str, ...]
    century: int = 1970
    earliest: date = date(1900, 3, 1)
    latest: date = date(2199, 12, 31)
    months: Mapping[str, int] = field(default_factory=dict, hash=False, compare=False)


@lru_cache(maxsize=256)
def _pattern(form: str) -> re.Pattern[str]:
    parts = (_TOKENS.get(piece, re.escape(piece)) for piece in _CUT.findall(form))
    return re.compile("".join(parts), re.IGNORECASE)


def check_format(form: str) -> None:
    """Check that a format names a year, a month and a day, each once.

    :raises ValueError: it does not.
    """
    if form in NAMED:
        return
    try:
        groups = set(_pattern(form).groupindex)
    except re.error:
        raise ValueError(f"{form!r} names a part twice") from None
    if not ({"year", "short"} & groups and {"month", "name"} & groups and "day" in groups):
        raise ValueError(f"{form!r} must name a year (YYYY or YY), a month (M, MM or MMM) and a day (D or DD)")


def _by_pattern(form: str, rule: DateRule) -> Callable[[str], datetime | None]:
    def read(text: str) -> datetime | None:
        found = _pattern(form).fullmatch(text)
        if not found:
            return None
        part = found.groupdict()
        year = int(part.get("year") or 0)
        if part.get("short"):
            year = rule.century + (int(part["short"]) - rule.century) % 100
        name = (part.get("name") or "").casefold()
        month = int(part.get("month") or 0) or rule.months.get(name) or MONTHS.get(name, 0)
        clock = (int(part.get("hour") or 0), int(part.get("minute") or 0), int(part.get("second") or 0))
        try:
            return datetime(year, month, int(part["day"]), *clock)  # noqa: DTZ001 - the zone comes with the field
        except ValueError:
            return None

    return read


def _by_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def from_serial(serial: float) -> datetime | None:
    """Return the instant of a spreadsheet's serial number (1900 system, from March 1900 on), else None."""
    return _EXCEL_DAY_0 + timedelta(days=serial) if 61 <= serial < 2_958_466 else None


def _by_serial(text: str) -> datetime | None:
    return from_serial(float(text)) if re.fullmatch(r"[0-9]{2,7}(\.[0-9]{1,12})?", text) else None


def _readers(rule: DateRule) -> list[Callable[[str], datetime | None]]:
    named: dict[str, Callable[[str], datetime | None]] = {"iso": _by_iso, "excel": _by_serial}
    return [named[form] if form in named else _by_pattern(form, rule) for form in rule.formats]


def date_reader(rule: DateRule) -> Callable[[Cell], datetime]:
    """Return what reads one cell by the rule; the reading raises CellRefused where the rule takes none."""
    readers = _readers(rule)
    serial = "excel" in rule.formats

    def read(cell: Cell) -> datetime:
        if isinstance(cell, datetime):
            return _within(cell, rule)
        if isinstance(cell, date):
            return _within(datetime.combine(cell, time()), rule)
        if isinstance(cell, int | float) and not (serial and not isinstance(cell, bool)):
            raise CellRefused("is a number, and the mapping declares no serial dates")
        text = clean_cell(cell, "NFKC")
        for reader in readers:
            found = reader(text)
            if found is not None:
                return _within(found, rule)
        raise CellRefused(f"is not a date of the form {' or '.join(rule.formats)}")

    return read


def _within(found: datetime, rule: DateRule) -> datetime:
    if not rule.earliest <= found.date() <= rule.latest:
        raise CellRefused(f"is not between {rule.earliest} and {rule.latest}")
    return found


def in_zone(found: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant: a reading without a zone of its own is a clock reading in `zone`."""
    return found if found.tzinfo else found.replace(tzinfo=zone)
