"""Small judgements on requests and their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from marketplace.kernel.money import minor_digits
from marketplace.kernel.periods import KNOWN
from marketplace.kernel.words import gettext_noop
from procurement.engines.wants import Level, curve_fault, curve_text, dearest_cost, entries_of

PLACES = Decimal(1).scaleb(-6)
MOST_QUANTITY = Decimal(10**9)  # one line of more is a slip of the keyboard, and sums must fit 64 bits
MOST_VALUE = Decimal(10**11)
LONGEST = {"product": 200, "buyer": 200, "region": 80, "vendor": 200, "request": 120, "text": 300, "key": 160}


def quantity_fault(quantity: Decimal, tolerance: Decimal = Decimal(0)) -> str:
    """Return what is wrong with a wanted quantity and its tolerance, nothing when they are sound."""
    if not quantity.is_finite() or quantity <= 0:
        return gettext_noop("must be more than zero")
    if quantity > MOST_QUANTITY:
        return gettext_noop("is more than one line may ask for")
    if not tolerance.is_finite() or tolerance < 0:
        return gettext_noop("has a tolerance below zero")
    if tolerance > MOST_QUANTITY:
        return gettext_noop("has a tolerance of more than one line may ask for")
    if not (_kept(quantity) and _kept(tolerance)):
        return gettext_noop("has more than six digits behind the point")
    return ""


def curve_faults(levels: Sequence[Level]) -> str:
    """Return what is wrong with a demand curve, nothing when it is sound and the columns can keep it."""
    if fault := curve_fault(levels):
        return fault
    found = (quantity_fault(level.quantity) or price_fault(level.price, least=PLACES) for level in levels)
    return next((fault for fault in found if fault), "")


def curve_of(levels: Sequence[Level]) -> str:
    """Return a curve as its column keeps it."""
    return curve_text([Level(Decimal(plain(level.price)), Decimal(plain(level.quantity))) for level in levels])


def capped(levels: Sequence[Level], quantity: Decimal) -> tuple[Level, ...]:
    """Return a curve that wants `quantity` at most; dearer levels stay as they are."""
    below = [level for level in levels if level.quantity < quantity]
    reaching = next((level for level in levels if level.quantity >= quantity), None)
    return (*below, *([Level(reaching.price, quantity)] if reaching else []))


def price_fault(price: Decimal | None, least: Decimal = Decimal(0), most: Decimal = MOST_VALUE) -> str:
    """Return what is wrong with a price or a value, nothing when it is sound or absent."""
    if price is None:
        return ""
    if not price.is_finite() or price < least:
        return gettext_noop("must not be below {least}").format(least=least)
    if price > most:
        return gettext_noop("is more money than one line may be worth")
    return "" if _kept(price) else gettext_noop("has more than six digits behind the point")


def period_fault(needed_from: date, needed_to: date) -> str:
    """Return what is wrong with the days [from, to) on which goods are needed, nothing when they are sound."""
    if needed_from < KNOWN.start or needed_to > KNOWN.end:
        return gettext_noop("lies beyond the years 2000 to 2199")
    return "" if needed_from < needed_to else gettext_noop("ends before or when it begins")


def currency_fault(currency: str) -> str:
    """Return what is wrong with a currency, nothing when ISO 4217 knows it."""
    try:
        minor_digits(currency)
    except ValueError:
        return gettext_noop("is not an ISO 4217 currency")
    return ""


def _kept(number: Decimal) -> bool:
    return number == number.quantize(PLACES, rounding=ROUND_HALF_UP)


def value_of(quantity: Decimal, stated: Decimal | None, unit_price: Decimal | None) -> Decimal | None:
    """Return what a line is worth: the value its source states, else quantity x price to six places, half-up."""
    if stated is not None or unit_price is None:
        return stated
    return (quantity * unit_price).quantize(PLACES, rounding=ROUND_HALF_UP)


def most_it_may_cost(
    quantity: Decimal,
    tolerance: Decimal,
    *,
    ceiling: Decimal | None,
    stated: Decimal | None,
    unit_price: Decimal | None,
    listed: Sequence[tuple[Decimal, Decimal]],
    curve: Sequence[Level] = (),
) -> Decimal | None:
    """Return the most a line may cost: by its curve, else its ceiling, its stated value, the published price; or None.

    listed  published steps (from quantity, unit price), by rising quantity
    curve   its dearest cost over all levels counts: at each price, what is wanted there
    """
    if curve:
        return dearest_cost(entries_of(curve, tolerance))
    most = quantity + tolerance
    if ceiling is not None:
        return most * ceiling
    worth = value_of(quantity, stated, unit_price)
    if worth is not None:
        return worth
    reached = [price for least, price in listed if least <= quantity] or [price for _, price in listed[:1]]
    return most * reached[-1] if reached else None


def in_proportion(value: Decimal | None, quantity: Decimal, before: Decimal) -> Decimal | None:
    """Return what a value becomes when the quantity it stands for changes, to six places, half-up."""
    return None if value is None else (value * quantity / before).quantize(PLACES, rounding=ROUND_HALF_UP)


def plain(number: Decimal, least_places: int = 0) -> str:
    """Return all digits of `number` in plain notation, without idle zeros beyond `least_places`."""
    whole, _, part = format(number, "f").partition(".")
    part = part.rstrip("0").ljust(least_places, "0")
    return f"{whole}.{part}" if part else whole


def by_currency(value: Mapping[str, Decimal]) -> dict[str, str]:
    """Return amounts as JSON keeps them: text with all digits, at least those of the currency's smallest coin."""
    return {currency: plain(amount, minor_digits(currency)) for currency, amount in sorted(value.items())}


def in_units(quantity: Decimal, factor: Decimal) -> Decimal:
    """Return a quantity in a unit of which one of its own holds `factor`, to six places, half-up."""
    return (quantity * factor).quantize(PLACES, rounding=ROUND_HALF_UP)


def per_unit(price: Decimal | None, factor: Decimal) -> Decimal | None:
    """Return a price per unit when one of its own units holds `factor` of the new one, to six places, half-up."""
    return None if price is None else (price / factor).quantize(PLACES, rounding=ROUND_HALF_UP)


def levels_in_units(levels: Sequence[Level], factor: Decimal) -> tuple[Level, ...]:
    """Return a demand curve counted in a unit of which one of its own holds `factor` (see `in_units`, `per_unit`)."""
    return tuple(
        Level(per_unit(level.price, factor) or level.price, in_units(level.quantity, factor)) for level in levels
    )


def coin_fault(amount: Decimal | None, currency: str) -> str:
    """Return what is wrong with an amount that must be paid in coins, nothing when it is sound or absent."""
    if amount is None or price_fault(amount):
        return price_fault(amount)
    whole = amount.scaleb(minor_digits(currency))
    return "" if whole == whole.to_integral_value() else gettext_noop("has more digits than the currency")


def csv_cell(value: object) -> str:
    """Return a cell of a CSV that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
