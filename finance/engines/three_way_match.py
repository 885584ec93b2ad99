"""Does a supplier's invoice claim what was ordered and accepted, at the agreed price?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from finance.engines.tax import TaxedLine, invoice_totals
from marketplace.kernel.money import Money, Rate, total


@dataclass(frozen=True)
class Tolerance:
    """How far a claim may stray and still pass. Both bounds of a kind must hold.

    quantity_percent, quantity   beyond what was accepted and not yet billed; nothing by default
    money_percent, money_minor   of a line's amount at the agreed price, either way; one smallest coin always passes,
                                 since sides round differently
    """

    quantity_percent: Decimal = Decimal(0)
    quantity: Decimal = Decimal(0)
    money_percent: Decimal = Decimal("0.5")
    money_minor: int = 5000


@dataclass(frozen=True)
class Accepted:
    """An order line as far as it is fulfilled: accepted so far, billed before, at the agreed price."""

    line_ref: str
    accepted: Decimal
    billed: Decimal
    unit_price: Rate


@dataclass(frozen=True)
class Claimed:
    """A line of the supplier's invoice."""

    line_ref: str
    quantity: Decimal
    unit_price: Rate
    net: Money
    rate_percent: Decimal


@dataclass(frozen=True)
class Reason:
    """Why an invoice does not match: a stable code, where, and the numbers.

    releasable   whether a person may let it pass all the same (a price may be agreed afterwards; goods that never came,
                 lines claimed twice and sums that do not add up may not)
    """

    code: str
    line_ref: str
    releasable: bool
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """The judgement with its proof.

    variance   claimed net less net at the agreed prices, over all lines that are known
    """

    matched: bool
    reasons: tuple[Reason, ...]
    expected_net: Money
    claimed_net: Money
    variance: Money

    @property
    def releasable(self) -> bool:
        """Whether a person may let the invoice pass."""
        return all(reason.releasable for reason in self.reasons)


def match(
    accepted: Sequence[Accepted], claimed: Sequence[Claimed], *, tax: Money, stated: Money, tolerance: Tolerance
) -> Match:
    """Match a supplier's invoice with what was ordered and what was accepted.

    accepted    the order lines that the invoice may refer to, one a line_ref
    claimed     n >= 1 lines, all in the currency of `tax` and `stated` (the invoice's tax and its total)
    returns     matched when no reason stands against it
    cost        O(n)

    :raises ValueError: no lines, or currencies that do not mix.

    Source: the three-way match of purchase order, receipt and invoice as auditors describe it, with tolerance keys that
    bound amount and percentage, the stricter of the two deciding.
    """
    if not claimed:
        raise ValueError("an invoice has at least one line")
    known = {line.line_ref: line for line in accepted}
    reasons: list[Reason] = []
    seen: set[str] = set()
    expected = []
    for line in claimed:
        if line.line_ref in seen:
            reasons.append(Reason("duplicate_line", line.line_ref, releasable=False))
            continue
        seen.add(line.line_ref)
        order = known.get(line.line_ref)
        if order is None:
            reasons.append(Reason("nothing_received", line.line_ref, releasable=False))
            continue
        expected.append(order.unit_price.times(line.quantity))
        reasons += _judge(order, line, expected[-1], tolerance)
    reasons += _sums(claimed, tax, stated)
    net = total([line.net for line in claimed], stated.currency)
    due = total(expected, stated.currency)
    return Match(not reasons, tuple(reasons), due, net, net - due)


def _judge(order: Accepted, line: Claimed, expected: Money, tolerance: Tolerance) -> list[Reason]:
    found = []
    open_ = order.accepted - order.billed
    over = line.quantity - open_
    spare = min(tolerance.quantity, order.accepted * tolerance.quantity_percent / 100)
    if over > spare:
        facts = {"claimed": f"{line.quantity:f}", "accepted": f"{order.accepted:f}", "billed": f"{order.billed:f}"}
        found.append(Reason("more_than_accepted", line.line_ref, releasable=False, facts=facts))
    if abs(line.unit_price.times(line.quantity).minor - line.net.minor) > 1:
        facts = {"quantity": f"{line.quantity:f}", "unit_price": f"{line.unit_price.amount:f}", "net": str(line.net)}
        found.append(Reason("line_does_not_multiply", line.line_ref, releasable=False, facts=facts))
    stray = abs(line.net.minor - expected.minor)
    share = Fraction(abs(expected.minor)) * Fraction(tolerance.money_percent) / 100
    if stray > max(Fraction(1), min(Fraction(tolerance.money_minor), share)):
        facts = {"claimed": str(line.net), "agreed": str(expected), "unit_price": f"{order.unit_price.amount:f}"}
        found.append(Reason("price_beyond_tolerance", line.line_ref, releasable=True, facts=facts))
    return found


def _sums(claimed: Sequence[Claimed], tax: Money, stated: Money) -> list[Reason]:
    totals = invoice_totals([TaxedLine(line.net, line.rate_percent) for line in claimed], stated.currency)
    found = []
    if tax != totals.tax:
        facts = {"claimed": str(tax), "computed": str(totals.tax)}
        found.append(Reason("tax_does_not_tie", "", releasable=False, facts=facts))
    if stated != totals.net + tax:
        facts = {"claimed": str(stated), "computed": str(totals.net + tax)}
        found.append(Reason("total_does_not_tie", "", releasable=False, facts=facts))
    return found
