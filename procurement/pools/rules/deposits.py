"""Deposits: how much is held of whom, and why that much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from marketplace.kernel.money import Money, split
from procurement.engines.reasons import Reason
from procurement.pools.rules.text import plain


def deposit_key(commitment_ref: str) -> str:
    """Return the key under which the ledger holds a commitment's deposit."""
    return f"deposit:{commitment_ref}"


@dataclass(frozen=True)
class Deposit:
    """What is held of a member when its pool freezes, and why that much."""

    amount: Money
    why: Reason


@dataclass(frozen=True)
class Secured:
    """A row whose deposit is asked for: what it was allocated, its ceiling, and the price stated with its request."""

    allocated: Decimal
    ceiling: Decimal | None = None
    stated: Decimal | None = None


def deposit_of(
    allocated: Decimal,
    percent: Decimal,
    currency: str,
    *,
    ceiling: Decimal | None,
    indicative: Decimal | None,
    stated: Decimal | None,
) -> Deposit:
    """Return `percent` of what the allocation may cost, rounded half up once to the smallest coin.

    The price is the member's ceiling or the indicative step that its pool has reached, whichever is more, so that
    nobody keeps a place in a full pool for nothing by a ceiling that no award meets; without both of them it is the
    price stated with its request. Without any the deposit is zero, and the reason says so.
    """
    return deposits_of_want([Secured(allocated, ceiling, stated)], percent, currency, indicative=indicative)[0]


def deposits_of_want(
    rows: Sequence[Secured], percent: Decimal, currency: str, *, indicative: Decimal | None
) -> list[Deposit]:
    """Return the deposit of each row of one want (see `deposit_of`), in order.

    What they come to together is rounded half up once and split over the rows by largest remainder, so that a want
    costs the same in however many rows it was asked for: 25 rows of 0.4 at 0.10 and 10 % are 0.10, not 25 times zero.
    """
    if not percent:
        return [Deposit(Money.zero(currency), Reason("deposit_not_asked")) for _ in rows]
    priced = [_price(row, indicative) for row in rows]
    exact = [row.allocated * price * percent / 100 for row, (_, price) in zip(rows, priced, strict=True)]
    whole = Money.rounded(sum(exact, Decimal(0)), currency, ROUND_HALF_UP)
    parts = split(whole, exact) if whole else [whole] * len(rows)
    return [
        _said(part, row, percent, basis, price) for part, row, (basis, price) in zip(parts, rows, priced, strict=True)
    ]


def _price(row: Secured, indicative: Decimal | None) -> tuple[str, Decimal]:
    """Return the price that a row's deposit is reckoned on, and its name; an empty name when there is none."""
    known = {"ceiling": row.ceiling, "indicative": indicative}
    there = [(price, name) for name, price in known.items() if price is not None]
    if there:
        price, name = max(there, key=lambda one: one[0])
        return name, price
    return ("", Decimal(0)) if row.stated is None else ("stated", row.stated)


def _said(amount: Money, row: Secured, percent: Decimal, basis: str, price: Decimal) -> Deposit:
    if not basis:
        return Deposit(amount, Reason("deposit_without_price"))
    facts = {"percent": plain(percent), "quantity": plain(row.allocated), "price": plain(price)}
    return Deposit(amount, Reason(f"deposit_on_{basis}", {**facts, "deposit": str(amount)}))
