"""Wants that depend on the price: a demand curve as rows that stand or fall by themselves.

A curve says how much is wanted when a unit costs no more than each price, dearest first. A want at a dearer level
counts at every cheaper one, so each level adds only its increment.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from marketplace.kernel.refusals import BadValue
from marketplace.kernel.words import gettext_noop

ZERO = Decimal(0)
MOST_LEVELS = 20
MOST_TEXT = 60  # characters of one level
MOST_PLACES = 12  # powers of ten of a number, up and down
_BETWEEN = re.compile(r"[;；\n]+")


@dataclass(frozen=True)
class Level:
    """So much is wanted, in all, when a unit costs `price` or less."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True)
class Entry:
    """One row of a want: what it adds, and the price above which it is out (None: any price)."""

    quantity: Decimal
    tolerance: Decimal
    ceiling: Decimal | None


def curve_fault(levels: Sequence[Level]) -> str:
    """Return what is wrong with a demand curve, nothing when it is sound.

    Sound is: 1 to 20 levels of prices and quantities above zero, dearest first, each cheaper level wanting more.
    """
    if not levels:
        return gettext_noop("has no level")
    if len(levels) > MOST_LEVELS:
        return gettext_noop("has more than 20 levels")
    if any(not number.is_finite() or number <= 0 for level in levels for number in (level.price, level.quantity)):
        return gettext_noop("has a price or a quantity that is not above zero")
    return next((fault for pair in pairwise(levels) if (fault := _step_fault(*pair))), "")


def _step_fault(dearer: Level, cheaper: Level) -> str:
    if dearer.price == cheaper.price:
        return gettext_noop("names a price twice")
    if dearer.price < cheaper.price:
        return gettext_noop("must begin at the dearest price")
    if cheaper.quantity < dearer.quantity:
        return gettext_noop("wants less at a cheaper price")
    return gettext_noop("has a level that adds nothing") if cheaper.quantity == dearer.quantity else ""


def entries_of(levels: Sequence[Level], tolerance: Decimal = ZERO) -> list[Entry]:
    """Return one row a level, dearest first, each with its increment alone; the tolerance stands with the dearest.

    100 at 10.00 and 150 at 9.00 become 100 up to 10.00 and 50 more up to 9.00: at 9.50 the first stands alone.

    :raises BadValue: the curve is not sound (see `curve_fault`).

    Source: conditional demand of Cobuy (derived order intents), restated in docs/domain/pools.md.
    """
    if fault := curve_fault(levels):
        raise BadValue(place="curve", value=curve_text(levels), reason=fault)
    before = ZERO
    rows: list[Entry] = []
    for level in levels:
        rows.append(Entry(level.quantity - before, ZERO if rows else tolerance, level.price))
        before = level.quantity
    return rows


def wanted_at(levels: Sequence[Level], price: Decimal) -> Decimal:
    """Return how much a curve wants in all when a unit costs `price`."""
    return max((level.quantity for level in levels if level.price >= price), default=ZERO)


def read_curve(text: str) -> tuple[Level, ...]:
    """Return the levels of a text such as `10.00:100; 9.00:150` (price:quantity, dearest first); empty text has none.

    :raises BadValue: a part is no pair of numbers, or the curve is not sound.
    """
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    levels = tuple(_level(part) for part in parts)
    if parts and (fault := curve_fault(levels)):
        raise BadValue(place="curve", value=text, reason=fault)
    return levels


def _level(part: str) -> Level:
    if len(part) > MOST_TEXT:
        raise BadValue(place="curve", value=part[:MOST_TEXT], reason=gettext_noop("has a level that is too long"))
    price, _, quantity = part.replace("：", ":").partition(":")
    try:
        level = Level(Decimal(price.strip()), Decimal(quantity.strip()))
    except InvalidOperation:
        reason = gettext_noop("is not written as price:quantity; price:quantity")
        raise BadValue(place="curve", value=part, reason=reason) from None
    numbers = [number for number in (level.price, level.quantity) if number and number.is_finite()]
    if any(abs(number.adjusted()) > MOST_PLACES for number in numbers):
        raise BadValue(place="curve", value=part, reason=gettext_noop("has a number that no column can keep"))
    return level


def curve_text(levels: Sequence[Level]) -> str:
    """Return levels as people write them (see `read_curve`)."""
    return "; ".join(f"{level.price:f}:{level.quantity:f}" for level in levels)


def dearest_cost(entries: Sequence[Entry]) -> Decimal:
    """Return the most that rows may cost together: at each ceiling p, p x what is still wanted there, with tolerance.

    100 up to 10.00 and 50 more up to 9.00 cost 1,000 at 10.00 and 1,350 at 9.00: 1,350.

    entries  each with a ceiling
    """
    prices = [entry.ceiling for entry in entries if entry.ceiling is not None]
    return max((price * _wanted(entries, price) for price in prices), default=ZERO)


def _wanted(entries: Sequence[Entry], price: Decimal) -> Decimal:
    still = (entry for entry in entries if entry.ceiling is None or entry.ceiling >= price)
    return sum((entry.quantity + entry.tolerance for entry in still), ZERO)


def within(entries: Sequence[Entry], approved: Sequence[Entry]) -> bool:
    """Return whether rows want no more, at any price, than the rows that were approved."""
    ends = sorted({entry.ceiling for entry in (*entries, *approved) if entry.ceiling is not None})
    beyond = ends[-1] + 1 if ends else ZERO
    return all(_firm(entries, price) <= _firm(approved, price) for price in (*ends, beyond))


def _firm(entries: Sequence[Entry], price: Decimal) -> Decimal:
    return sum((e.quantity for e in entries if e.ceiling is None or e.ceiling >= price), ZERO)
