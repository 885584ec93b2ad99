"""The small parts an offer is read from: objects without unknown keys, lists of bounded length, plain numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop

PRICE_PLACES = 4
QUANTITY_PLACES = 6
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
_NAME = re.compile(r"[\w .()#-]{1,40}")


class BadOffer(Refusal):
    """An offer that cannot be read in one way only; `place` and `reason` say where and why, never its figures."""

    code = "bad_offer"
    status = 400
    words = gettext_noop("The offer is refused at {place}: {reason}.")

    def __init__(self, *, place: str, reason: str) -> None:
        super().__init__(place=place, reason=reason)
        self.place, self.reason = place, reason


def page_of(place: str, value: object, keys: Collection[str]) -> Mapping[str, Any]:
    """Return an object that has no key but these."""
    if not isinstance(value, Mapping):
        raise BadOffer(place=place, reason="is no object")
    unknown = next((str(key)[:40] for key in value if key not in keys), None)
    if unknown is not None:
        raise BadOffer(place=place, reason=f"has a key nobody knows: {unknown}")
    return value


def rows_of(place: str, value: object, most: int) -> Iterator[tuple[int, Any]]:
    """Return the places and rows of a list that is neither empty nor longer than `most`."""
    if not isinstance(value, list | tuple) or not value:
        raise BadOffer(place=place, reason="is no list, or an empty one")
    if len(value) > most:
        raise BadOffer(place=place, reason=f"is longer than {most}")
    return iter(enumerate(value))


def number_of(place: str, value: object, places: int) -> Decimal:
    """Return a number >= 0 of at most `places` decimals."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise BadOffer(place=place, reason="is no number written as text")
    text = format(value, "f") if isinstance(value, Decimal) and value.is_finite() else str(value)
    if not _NUMBER.fullmatch(text):
        raise BadOffer(place=place, reason="is no plain number of at most twelve digits before the point")
    number = Decimal(text)
    if number < 0 or text.startswith("-"):
        raise BadOffer(place=place, reason="is negative")
    if number != round(number, places):
        raise BadOffer(place=place, reason=f"has more than {places} decimals")
    return number.normalize() + 0 if number else Decimal(0)


def days_of(place: str, value: object, most: int = 3650) -> int | None:
    """Return a whole number of days, None for none."""
    if value is not None and (type(value) is not int or not 0 <= value <= most):
        raise BadOffer(place=place, reason="is no number of days")
    return value


def name_of(place: str, value: object) -> str:
    """Return a short name of letters, digits, blanks and . ( ) # -."""
    if not isinstance(value, str) or not _NAME.fullmatch(value) or value != value.strip():
        raise BadOffer(place=place, reason="is no name of at most forty letters and digits")
    return value


def freight_of(where: str, value: object, regions: Sequence[str]) -> dict[str, Decimal]:
    """Return the freight a unit to every region; left out: prices are delivered."""
    if value is None:
        return dict.fromkeys(regions, Decimal(0))
    page = page_of(f"{where}.freight", value, set(regions))
    missing = next((region for region in regions if page.get(region) is None), None)
    if missing is not None:
        raise BadOffer(place=f"{where}.freight", reason=f"says nothing of {missing}")
    return {region: number_of(f"{where}.freight.{region}", page[region], PRICE_PLACES) for region in regions}
