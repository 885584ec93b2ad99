"""Money, rates, and splits that add up.

Money is a Decimal with a currency; binary floats are refused. A Rate is money per unit of quantity and may carry more
digits than the currency's smallest coin; it becomes Money only by `times`, which names its rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import total_ordering

MOST = 2**63  # a ledger counts the smallest coin in signed 64-bit integers

# ISO 4217: how many digits stand behind the point.
_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
    COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR
    MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD
    SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST YER ZAR ZMW
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
}
_MINOR_DIGITS = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}


def minor_digits(currency: str) -> int:
    """Return how many digits `currency` has behind the point (ISO 4217).

    :raises ValueError: not a currency of ISO 4217.
    """
    try:
        return _MINOR_DIGITS[currency]
    except KeyError:
        raise ValueError(f"{currency!r} is not an ISO 4217 currency") from None


def _finite(value: object, what: str) -> Decimal:
    if not isinstance(value, Decimal):
        raise TypeError(f"{what} takes a Decimal, not {type(value).__name__}")
    if not value.is_finite():
        raise ValueError(f"{what} cannot be {value}")
    return value


@total_ordering
@dataclass(frozen=True, order=False)
class Money:
    """An exact amount in one currency.

    :raises TypeError: the amount is not a Decimal.
    :raises ValueError: NaN, infinite, an unknown currency, or more digits than the currency has.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        _finite(self.amount, "Money")
        step = Decimal(1).scaleb(-minor_digits(self.currency))
        if abs(self.amount) >= MOST * step:
            raise ValueError(f"{self.amount} is more money than a ledger holds")
        if self.amount != self.amount.quantize(step):
            raise ValueError(f"{self.amount} has more digits than {self.currency} allows")
        object.__setattr__(self, "amount", self.amount.quantize(step))

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(Decimal(0), currency)

    @classmethod
    def from_minor(cls, units: int, currency: str) -> Money:
        """Return `units` of the currency's smallest coin as Money."""
        return cls(Decimal(units).scaleb(-minor_digits(currency)), currency)

    @classmethod
    def rounded(cls, amount: Decimal | Fraction, currency: str, rounding: str = ROUND_HALF_UP) -> Money:
        """Return `amount` rounded to the currency's smallest coin by the named rounding.

        A Fraction is rounded half-up, away from zero on ties, whatever `rounding` says of Decimals.
        """
        if isinstance(amount, Fraction):
            scaled = amount * 10 ** minor_digits(currency)
            units = int(abs(scaled) + Fraction(1, 2))
            return cls.from_minor(units if scaled >= 0 else -units, currency)
        step = Decimal(1).scaleb(-minor_digits(currency))
        return cls(_finite(amount, "Money").quantize(step, rounding=rounding), currency)

    @property
    def minor(self) -> int:
        """The amount in the currency's smallest coin."""
        return int(self.amount.scaleb(minor_digits(self.currency)))

    def _same(self, other: Money) -> None:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"


@dataclass(frozen=True)
class Rate:
    """Money per unit of quantity, with as many digits as were agreed.

    :raises TypeError: the amount is not a Decimal.
    :raises ValueError: NaN, infinite, or an unknown currency.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        _finite(self.amount, "Rate")
        minor_digits(self.currency)

    def times(self, quantity: Decimal, rounding: str = ROUND_HALF_UP) -> Money:
        """Return the price of `quantity`, rounded to the smallest coin by the named rounding."""
        return Money.rounded(self.amount * _finite(quantity, "quantity"), self.currency, rounding)


def total(parts: Sequence[Money], currency: str) -> Money:
    """Return the sum of `parts`, zero of `currency` when there are none."""
    return sum(parts, Money.zero(currency))


def split_integer(units: int, weights: Sequence[int | Decimal | Fraction]) -> list[int]:
    """Split an integer by weights so that the parts add up to it exactly.

    Hamilton's largest-remainder method: each part is the floor of its exact share; what is left goes, one unit each, to
    the largest remainders, ties to the earlier part. A negative total is the mirror of its positive.

    units    any integer
    weights  n >= 1 non-negative numbers, not all zero
    returns  n integers whose sum is `units`, each within 1 of its exact share
    cost     O(n log n)

    :raises ValueError: no weights, all zero, or one negative.

    Source: Balinski and Young, Fair Representation, 1982, chapter 3 (Hamilton's method).
    """
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact)
    if not exact or min(exact) < 0 or whole == 0:
        raise ValueError("a split needs weights that are not negative and not all zero")
    if units < 0:
        return [-part for part in split_integer(-units, weights)]
    shares = [units * weight / whole for weight in exact]
    parts = [int(share) for share in shares]
    neediest = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for i in neediest[: units - sum(parts)]:
        parts[i] += 1
    return parts


def split(amount: Money, weights: Sequence[int | Decimal | Fraction]) -> list[Money]:
    """Split money by weights, to the cent, so that the parts add up (see `split_integer`)."""
    return [Money.from_minor(units, amount.currency) for units in split_integer(amount.minor, weights)]
