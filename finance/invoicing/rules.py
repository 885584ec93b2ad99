"""What goods received, claims and bills look like on their way in, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from finance.engines.tax import TaxedLine, Totals, invoice_totals, rates_in_force
from finance.engines.three_way_match import Match, Tolerance
from marketplace.kernel.money import Money, Rate
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop

# Revenue by what is charged: the chart's kind of account.
INCOME = {"goods": "revenue", "freight": "freight_income", "fee": "fee_income"}
BILL_KINDS = list(INCOME)
PLACES = 6

# What the platform lets pass without asking: half a percent of a line, never more than 50.00; no quantity at all.
POLICY = Tolerance()


class BadInvoice(Refusal):
    """An invoice that cannot be one, whatever was ordered."""

    code = "bad_invoice"
    status = 400
    words = gettext_noop("This is no invoice: {why}.")


class RateNotInForce(Refusal):
    """A tax rate that did not stand on the day of the invoice."""

    code = "tax_rate_not_in_force"
    status = 400
    words = gettext_noop("A rate of {rate} % did not stand in {country} on {day}.")


@dataclass(frozen=True)
class ReceivedLine:
    """Goods accepted under an order line, at the agreed price per unit before tax."""

    line_ref: str
    description: str
    quantity: Decimal
    unit: str
    unit_price: Rate
    tax_rate_percent: Decimal


@dataclass(frozen=True)
class ClaimedLine:
    """A line of a supplier's invoice, net of tax."""

    line_ref: str
    description: str
    quantity: Decimal
    unit_price: Rate
    net: Money
    tax_rate_percent: Decimal


@dataclass(frozen=True)
class BillLine:
    """A line of our invoice to a buyer.

    kind   goods, freight or fee
    net    what is charged before tax, >= 0
    cost   what the same goods stand at in our inventory, >= 0 (zero for a fee)
    """

    line_ref: str
    kind: str
    description: str
    quantity: Decimal
    unit: str
    net: Money
    tax_rate_percent: Decimal
    cost: Money


@dataclass(frozen=True)
class NewInvoice:
    """An output invoice to be issued (see `issue_invoice`)."""

    key: str
    buyer_ref: str
    source_ref: str
    lines: Sequence[BillLine]
    advance: Money
    issued_on: date
    due_on: date


def must_be_exact(value: Decimal, what: str, *, least: Decimal | None = None) -> None:
    """Pass when `value` is finite, has at most six places and is at least `least`.

    :raises BadInvoice: it is not.
    """
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -PLACES:
        raise BadInvoice(why=f"{what} {value} is not exact at {PLACES} places")
    if least is not None and value < least:
        raise BadInvoice(why=f"{what} {value} is below {least}")


def must_be_positive(value: Decimal, what: str) -> None:
    """Pass when `value` is exact (see `must_be_exact`) and above zero.

    :raises BadInvoice: it is not.
    """
    must_be_exact(value, what)
    if value <= 0:
        raise BadInvoice(why=f"{what} {value} is not above zero")


def must_be_rate(rate: Decimal) -> None:
    """Pass when `rate` is a tax rate in percent: exact, from 0 up to and not including 100.

    :raises BadInvoice: it is not.
    """
    must_be_exact(rate, "tax rate", least=Decimal(0))
    if rate >= 100:
        raise BadInvoice(why=f"a tax rate of {rate} %")


def must_be_in_force(rates: set[Decimal], country: str, day: date) -> None:
    """Pass when every rate stood on `day` in the issuer's country, or nothing is known of that country.

    :raises BadInvoice: a rate that is none.
    :raises RateNotInForce: a rate that did not stand.
    """
    known = rates_in_force(country, day)
    for rate in sorted(rates):
        must_be_rate(rate)
        if known is not None and rate not in known:
            raise RateNotInForce(rate=f"{rate.normalize():f}", country=country, day=day.isoformat())


def one_currency(currencies: set[str]) -> str:
    """Return the one currency of an invoice.

    :raises BadInvoice: none, or several.
    """
    if len(currencies) != 1:
        raise BadInvoice(why=f"it needs one currency, not {', '.join(sorted(currencies)) or 'none'}")
    return next(iter(currencies))


def bill_totals(lines: Sequence[BillLine], currency: str) -> Totals:
    """Return the totals of our own invoice.

    :raises BadInvoice: no lines, an unknown kind, a quantity that is not above zero, a negative amount.
    """
    if not lines:
        raise BadInvoice(why="it has no lines")
    for line in lines:
        must_be_positive(line.quantity, "quantity")
        if line.kind not in INCOME or line.net.minor < 0 or line.cost.minor < 0:
            raise BadInvoice(why=f"line {line.line_ref}")
    return invoice_totals([TaxedLine(line.net, line.tax_rate_percent) for line in lines], currency)


def worth(unit_price: Decimal, quantity: Decimal, currency: str) -> Money:
    """Return what `quantity` is worth in all, rounded once."""
    return Rate(unit_price, currency).times(quantity)


def relief(value_minor: int, accepted: Decimal, billed: Decimal, relieved_minor: int) -> int:
    """Return what an invoice takes off GR/IR when `billed` of `accepted` will have been billed with it.

    Rounded on the cumulative sum, so that the last invoice takes what is left, to the cent.
    """
    if billed >= accepted:
        return value_minor - relieved_minor
    return int(Fraction(value_minor) * Fraction(billed) / Fraction(accepted)) - relieved_minor


def as_kept(match: Match) -> dict[str, object]:
    """Return a judgement as the invoice keeps it."""
    return {
        "matched": match.matched,
        "expected_net": str(match.expected_net),
        "claimed_net": str(match.claimed_net),
        "variance": str(match.variance),
        "releasable": match.releasable,
        "reasons": [
            {"code": reason.code, "line": reason.line_ref, "facts": dict(reason.facts)} for reason in match.reasons
        ],
    }
