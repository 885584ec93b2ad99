"""Decimals as whole millionths: what a column of quantities or prices keeps, so that engines count in integers."""

from __future__ import annotations

from decimal import Decimal

from marketplace.kernel.refusals import BadValue

PLACES = 6
SCALE: int = 10**PLACES
MOST = 2**63 - 1  # millionths that a column holds
_MILLIONTH = Decimal(1).scaleb(-PLACES)


def millionths(place: str, value: Decimal) -> int:
    """Return `value` in whole millionths.

    place   names the value in a refusal

    :raises TypeError: no Decimal.
    :raises BadValue: negative, not a number, with more than six places, or beyond what a column holds.
    """
    if not isinstance(value, Decimal):
        raise TypeError(f"{place} takes a Decimal, not {type(value).__name__}")
    if not value.is_finite() or value < 0:
        raise BadValue(place=place, value=value, reason="negative" if value.is_finite() else "not a number")
    if value > Decimal(MOST).scaleb(-PLACES):
        raise BadValue(place=place, value=value, reason="beyond the column")
    whole = value.quantize(_MILLIONTH)
    if whole != value:
        raise BadValue(place=place, value=value, reason=f"more than {PLACES} places")
    return int(whole.scaleb(PLACES))


def decimal_of(amount: int) -> Decimal:
    """Return `amount` millionths as a Decimal without the zeros that say nothing, never in powers of ten."""
    if amount % SCALE == 0:
        return Decimal(amount // SCALE)
    return Decimal(amount).scaleb(-PLACES).normalize()


def text_of(amount: int) -> str:
    """Return `amount` millionths as text in plain digits."""
    return format(decimal_of(amount), "f")
