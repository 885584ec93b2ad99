"""Numbers as people write them: decimal comma, thousands, currency signs, full-width digits; with declared bounds."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from marketplace.engines.tables.cells import Cell, clean_cell
from marketplace.engines.tables.results import CellRefused

WIDEST = Decimal(9_223_372_036_854)  # a signed 64-bit column that keeps six places holds no more


@dataclass(frozen=True)
class NumberRule:
    """How a field writes its numbers and which it takes.

    decimal     the decimal sign, `.` or `,`
    thousands   the sign between groups of three digits; empty: none is taken
    signs       texts dropped before or behind the number, such as `$` or `EUR`
    least       smallest value taken       above   the value must be greater than this
    most        greatest value taken; never beyond `WIDEST`
    places      digits behind the point; more are refused unless `rounded` (half-up)
    brackets    whether (12.50) stands for -12.50
    """

    decimal: str = "."
    thousands: str = ","
    signs: tuple[str, ...] = ()
    least: Decimal | None = None
    above: Decimal | None = None
    most: Decimal = WIDEST
    places: int = 6
    rounded: bool = False
    brackets: bool = False
    whole: bool = False


@lru_cache(maxsize=64)
def _shape(decimal: str, thousands: str) -> re.Pattern[str]:
    groups = rf"[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+|" if thousands else ""
    return re.compile(rf"([+-]?)({groups}[0-9]*)(?:{re.escape(decimal)}([0-9]*))?(?:[eE]([+-]?[0-9]{{1,4}}))?")


def _undressed(text: str, rule: NumberRule) -> str:
    for sign in rule.signs:
        text = text.removeprefix(sign).removesuffix(sign).strip()
        if text[:1] in "+-" and text[1:].lstrip().startswith(sign):
            text = text[0] + text[1:].lstrip().removeprefix(sign).strip()
    if rule.brackets and text.startswith("(") and text.endswith(")"):
        text = "-" + _undressed(text[1:-1].strip(), rule)
    return text


def number_in(text: str, rule: NumberRule) -> Decimal:
    """Return the number that a cleaned text spells.

    :raises CellRefused: it spells none.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()
    text = _undressed(text, rule)
    found = _shape(rule.decimal, rule.thousands).fullmatch(text)
    if not found or not (found[2] or found[3]):
        raise CellRefused("is not a number")
    sign, whole, part, power = found.groups()
    digits = whole.replace(rule.thousands, "") if rule.thousands else whole
    return Decimal(f"{sign}{digits or 0}.{part or 0}E{power or 0}" if power else f"{sign}{digits or 0}.{part or 0}")


def number_of(cell: Cell, rule: NumberRule) -> Decimal:
    """Return the number in a cell, whatever its size.

    :raises CellRefused: there is none.
    """
    if isinstance(cell, bool):
        raise CellRefused("is a truth value, not a number")
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, float):
        number = Decimal(format(cell, ".15g"))  # a workbook's numbers are good for 15 digits, the rest is binary noise
        if not number.is_finite():
            raise CellRefused("is not a number")
        return number
    if isinstance(cell, str):
        return number_in(clean_cell(cell), rule)
    clean_cell(cell)
    raise CellRefused("is a date or time, not a number")


def read_number(cell: Cell, rule: NumberRule) -> Decimal:
    """Return the cell's number, within the rule's bounds and places.

    :raises CellRefused: no number, out of bounds, or with more digits behind the point than the rule keeps.
    """
    return fit(number_of(cell, rule), rule)


def fit(number: Decimal, rule: NumberRule) -> Decimal:
    """Return `number` as the rule keeps it: in bounds, in plain notation, with no more places than declared.

    :raises CellRefused: it does not fit.
    """
    if number.adjusted() > 20 or abs(number) > WIDEST:
        raise CellRefused(f"is beyond {WIDEST}, the most a column holds")
    if number > rule.most:
        raise CellRefused(f"is more than {rule.most}")
    if rule.least is not None and number < rule.least:
        raise CellRefused(f"is less than {rule.least}")
    if rule.above is not None and number <= rule.above:
        raise CellRefused(f"is not more than {rule.above}")
    return _in_places(number, rule)


def _in_places(number: Decimal, rule: NumberRule) -> Decimal:
    number = number or Decimal(0)  # zero has no sign here
    places = -int(number.as_tuple().exponent)
    if places < 0:
        return number.quantize(Decimal(1))
    if places <= rule.places and not rule.whole:
        return number
    if number.adjusted() < -30:
        number = Decimal(0) if rule.rounded else number
        if not rule.rounded:
            raise CellRefused(f"has more than {rule.places} digits behind the point")
    kept = number.quantize(Decimal(1).scaleb(-rule.places), rounding=ROUND_HALF_UP)
    if rule.whole and kept != kept.to_integral_value():
        raise CellRefused("is not a whole number")
    if kept != number and not rule.rounded:
        raise CellRefused(f"has more than {rule.places} digits behind the point")
    return kept.quantize(Decimal(1)) if rule.whole else kept
