"""Quantities: an exact number of some unit of UN/ECE Recommendation 20."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Quantity:
    """An exact amount of one unit, written by its UN/ECE Rec 20 common code (`KGM`, `C62`, ...).

    Quantities of different units do not mix; `marketplace.engines.units` converts them exactly.

    :raises TypeError: a float.
    """

    amount: Fraction
    unit: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, float):
            raise TypeError("Quantity takes an exact number, not a float")
        object.__setattr__(self, "amount", Fraction(self.amount))

    def _same(self, other: Quantity) -> None:
        if other.unit != self.unit:
            raise ValueError(f"{self.unit} and {other.unit} do not mix")

    def __add__(self, other: Quantity) -> Quantity:
        self._same(other)
        return Quantity(self.amount + other.amount, self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        self._same(other)
        return Quantity(self.amount - other.amount, self.unit)

    def decimal(self, places: int = 6) -> Decimal:
        """Return the amount as a Decimal.

        :raises ValueError: it has no exact value with that many places.
        """
        scaled = self.amount * 10**places
        if scaled.denominator != 1:
            raise ValueError(f"{self.amount} {self.unit} is not exact at {places} places")
        return Decimal(scaled.numerator).scaleb(-places)
