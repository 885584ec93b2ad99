"""A category's price index between two periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

Prices = Mapping[int, Iterable[tuple[Decimal, Decimal]]]  # by product id: quantity > 0 and price a unit > 0


@dataclass(frozen=True)
class PriceIndex:
    """How prices moved: 1 is unchanged; over how many products and lines in either period."""

    value: Decimal
    products: int
    base_lines: int
    lines: int


def price_index(base: Prices, now: Prices) -> PriceIndex | None:
    """Return the index of `now` over `base` for the products priced in both, None when there is none.

    Laspeyres: what the base period's quantities cost at the period's mean prices over what they cost then, sum q0 p1 /
    sum q0 p0, with p the quantity-weighted mean price of a product in a period. Rounded half up to six places.

    Source: ILO and others, Producer Price Index Manual, 2004, chapter 15 (Laspeyres over matched items).
    """
    matched = sorted(set(base) & set(now))
    then = [_mean(base[product]) for product in matched]
    today = [_mean(now[product]) for product in matched]
    cost_then = sum((quantity * price for quantity, price, _ in then), Fraction(0))
    cost_now = sum((q * price for (q, _, _), (_, price, _) in zip(then, today, strict=True)), Fraction(0))
    if not cost_then:
        return None
    ratio = cost_now / cost_then
    value = (Decimal(ratio.numerator) / Decimal(ratio.denominator)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return PriceIndex(value, len(matched), sum(count for *_, count in then), sum(count for *_, count in today))


def _mean(rows: Iterable[tuple[Decimal, Decimal]]) -> tuple[Fraction, Fraction, int]:
    """Return the quantity, the mean price and the count of a product's lines."""
    listed = [(Fraction(quantity), Fraction(price)) for quantity, price in rows]
    quantity = sum((one for one, _ in listed), Fraction(0))
    return quantity, sum((one * price for one, price in listed), Fraction(0)) / quantity, len(listed)
