"""Value-added tax: which rates stood on which day, and totals that tie to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from marketplace.kernel.money import Money, split, total

FOREVER = date.max

# China: rate in percent, first day, first day no longer. Zero stands for exports and exempt supplies throughout.
# 2017: Caishui [2017] 37; 2018: Caishui [2018] 32; 2019: announcement 39 of 2019. Small-scale taxpayers: the rules of
# 2009 (3), Caishui [2014] 57 (6 and 4 give way to 3), announcements 13 of 2020 and 19 of 2023 (1 until 2027 ends).
# Services: Caishui [2011] 110 (11 and 6, pilots of 2012), Caishui [2016] 36 (5).
_CHINA = [
    (0, date(1994, 1, 1), FOREVER),
    (17, date(1994, 1, 1), date(2018, 5, 1)),
    (13, date(1994, 1, 1), date(2017, 7, 1)),
    (6, date(1994, 1, 1), FOREVER),
    (4, date(1998, 7, 1), date(2014, 7, 1)),
    (3, date(2009, 1, 1), FOREVER),
    (11, date(2012, 1, 1), date(2018, 5, 1)),
    (5, date(2016, 5, 1), FOREVER),
    (16, date(2018, 5, 1), date(2019, 4, 1)),
    (10, date(2018, 5, 1), date(2019, 4, 1)),
    (13, date(2019, 4, 1), FOREVER),
    (9, date(2019, 4, 1), FOREVER),
    (1, date(2020, 3, 1), date(2028, 1, 1)),
]
_TABLE = {"CN": _CHINA}


@dataclass(frozen=True)
class TaxedLine:
    """One line before tax: its net amount (>= 0) and its rate in percent (0 <= rate < 100)."""

    net: Money
    rate_percent: Decimal


@dataclass(frozen=True)
class RateTotal:
    """All lines of one rate together: what they come to and the tax on that."""

    rate_percent: Decimal
    base: Money
    tax: Money


@dataclass(frozen=True)
class Totals:
    """An invoice added up.

    by_rate      one entry a rate, highest first
    line_taxes   the tax of each line, in the order given; within a rate they add up to that rate's tax
    """

    net: Money
    tax: Money
    total: Money
    by_rate: tuple[RateTotal, ...]
    line_taxes: tuple[Money, ...]


def rates_in_force(country: str, day: date) -> frozenset[Decimal] | None:
    """Return the rates in percent that an issuer of `country` (ISO 3166 alpha-2) may charge on `day`.

    None when the table does not know the country: then nothing can be said.
    """
    rows = _TABLE.get(country)
    if rows is None:
        return None
    return frozenset(Decimal(rate) for rate, first, after in rows if first <= day < after)


def invoice_totals(lines: Sequence[TaxedLine], currency: str) -> Totals:
    """Add up an invoice: net, tax by rate, tax, total.

    Tax is taken once on the sum of each rate's lines and rounded half up (EN 16931 BR-CO-17); the invoice's tax is the
    sum of those (BR-CO-14), its total net plus tax (BR-CO-15), its net the sum of its lines (BR-CO-10, BR-CO-13). Each
    line's own tax is its part of its rate's tax by largest remainder, so that lines, rates and total tie exactly.

    lines      n >= 0, all in `currency`
    cost       O(n log n)

    :raises ValueError: another currency, a negative net, or a rate outside [0, 100).

    Source: EN 16931-1:2017, section 6.4.2 (business rules BR-CO-*); worked by hand in
    tests/engines/finance/test_tax.py.
    """
    for line in lines:
        if line.net.currency != currency or line.net.minor < 0 or not 0 <= line.rate_percent < 100:
            raise ValueError(f"{line.net} at {line.rate_percent} % cannot stand on an invoice in {currency}")
    taxes = [Money.zero(currency)] * len(lines)
    by_rate = []
    for rate in sorted({line.rate_percent for line in lines}, reverse=True):
        places = [i for i, line in enumerate(lines) if line.rate_percent == rate]
        base = total([lines[i].net for i in places], currency)
        tax = Money.rounded(Fraction(base.amount) * Fraction(rate) / 100, currency)
        by_rate.append(RateTotal(rate, base, tax))
        if base:
            for i, part in zip(places, split(tax, [lines[i].net.minor for i in places]), strict=True):
                taxes[i] = part
    net = total([line.net for line in lines], currency)
    tax = total([entry.tax for entry in by_rate], currency)
    return Totals(net, tax, net + tax, tuple(by_rate), tuple(taxes))
