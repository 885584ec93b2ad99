"""What a journal must be before anyone writes it: the chart of accounts, lines, balance, the canonical request."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marketplace.kernel.money import Money, minor_digits
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop

MOST_MINOR = 2**62  # two such amounts still add up within 64 bits, so no counter can wrap or turn into a float


class Side(StrEnum):
    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True)
class Kind:
    """One line of the chart.

    normal   the side on which the account grows
    floor    whether it may never fall below zero on its normal side, pending money included
    shared   whether the owner may see its own account of this kind in the platform's book
    """

    normal: Side
    floor: bool = False
    shared: bool = False


_D, _C = Side.DEBIT, Side.CREDIT

CHART: dict[str, Kind] = {
    "cash_bank": Kind(_D),
    "cash_escrow": Kind(_D),
    "cash_clearing": Kind(_D),
    "in_transit": Kind(_C),
    "buyer_deposits": Kind(_C, floor=True, shared=True),
    "customer_advances": Kind(_C, floor=True, shared=True),
    "bid_bonds": Kind(_C, floor=True, shared=True),
    "supplier_payable": Kind(_C, floor=True, shared=True),
    "retention_payable": Kind(_C, floor=True, shared=True),
    "grni": Kind(_C, floor=True),
    "funder_payable": Kind(_C, floor=True, shared=True),
    "due_to_buyer": Kind(_C, floor=True, shared=True),
    "output_vat": Kind(_C),
    "input_vat": Kind(_D),
    "inventory": Kind(_D, floor=True),
    "receivable": Kind(_D, shared=True),
    "revenue": Kind(_C),
    "commission": Kind(_C),
    "cost_of_sales": Kind(_D),
    "price_variance": Kind(_D),
    "freight_income": Kind(_C),
    "fee_income": Kind(_C),
    "other_income": Kind(_C),
    "finance_cost": Kind(_D),
    "bank_fees": Kind(_D),
    "suspense": Kind(_D),
    "memo_limit_available": Kind(_C),
    "memo_limit_reserved": Kind(_D, floor=True),
    "purchased_receivable": Kind(_D),
    "holdback_payable": Kind(_C),
    "unearned_discount": Kind(_C),
    "interest_receivable": Kind(_D),
    "interest_income": Kind(_C),
    "loan_receivable": Kind(_D),
    "due_from_platform": Kind(_D),
    "equity": Kind(_C),
}
ESCROW = ("buyer_deposits", "customer_advances", "bid_bonds")  # what the money in cash_escrow is owed as


class UnknownAccount(Refusal):
    """The chart has no such kind of account."""

    code = "unknown_account"
    status = 400
    words = gettext_noop("The chart of accounts has no {kind}.")


class BadJournal(Refusal):
    """A journal that cannot be one, whatever the balances are."""

    code = "bad_journal"
    status = 400
    words = gettext_noop("This cannot be booked: {why}.")


class Unbalanced(Refusal):
    """Debits and credits differ in some currency."""

    code = "journal_unbalanced"
    status = 400
    words = gettext_noop("Debits of {debits} do not equal credits of {credits}.")


@dataclass(frozen=True, order=True)
class Acct:
    """The name of an account; the account opens when it is first used.

    kind      a key of CHART
    owner     the ref of whose account it is, empty for the book's own
    currency  ISO 4217
    book      `platform`, or the ref of the financier whose book it is
    """

    kind: str
    owner: str = ""
    currency: str = "CNY"
    book: str = "platform"

    def __str__(self) -> str:
        return "/".join(part for part in (self.book, self.kind, self.owner, self.currency) if part)


@dataclass(frozen=True)
class Line:
    """One side of a journal: `amount` on the `side` (debit or credit) of `account`."""

    account: Acct
    side: str
    amount: Money


@dataclass(frozen=True)
class NewJournal:
    """A journal to be posted (see `post`)."""

    key: str
    lines: Sequence[Line]
    booked_on: date
    source_ref: str
    memo: str = ""
    value_on: date | None = None


@dataclass
class Movement:
    """What happens to one account, in the smallest coin, and by how many entries."""

    debits: int = 0
    credits: int = 0
    debits_pending: int = 0
    credits_pending: int = 0
    entries: int = 0

    def taken(self, normal: str) -> int:
        """How much less is available afterwards on an account that grows on its `normal` side."""
        if normal == Side.CREDIT:
            return self.debits + self.debits_pending - self.credits
        return self.credits + self.credits_pending - self.debits

    def __iadd__(self, other: Movement) -> Movement:
        self.debits += other.debits
        self.credits += other.credits
        self.debits_pending += other.debits_pending
        self.credits_pending += other.credits_pending
        self.entries += other.entries
        return self


def debit(account: Acct, amount: Money) -> Line:
    """Return the line that debits `account`."""
    return Line(account, Side.DEBIT.value, amount)


def credit(account: Acct, amount: Money) -> Line:
    """Return the line that credits `account`."""
    return Line(account, Side.CREDIT.value, amount)


def kind_of(account: Acct) -> Kind:
    """Return the chart's line for `account`.

    :raises UnknownAccount: the chart has none, or the currency is none.
    """
    try:
        minor_digits(account.currency)
        return CHART[account.kind]
    except (KeyError, ValueError):
        raise UnknownAccount(kind=f"{account.kind}/{account.currency}") from None


def must_be_bookable(account: Acct, amount: Money) -> None:
    """Pass when `amount` can stand on `account`.

    :raises UnknownAccount: see `kind_of`.
    :raises BadJournal: not positive, in another currency than the account's, or beyond what a counter holds.
    """
    kind_of(account)
    if amount.currency != account.currency:
        raise BadJournal(why=f"{amount} cannot stand on {account}")
    if not 0 < amount.minor <= MOST_MINOR:
        raise BadJournal(why=f"{amount} on {account} is not an amount to book")


def book_of(lines: Sequence[Line]) -> str:
    """Return the one book in which `lines` make a journal.

    :raises BadJournal: fewer than two lines, two books, or a line that cannot stand (see `must_be_bookable`).
    :raises Unbalanced: debits and credits differ in a currency.
    """
    if len(lines) < 2:
        raise BadJournal(why="a journal has two lines or more")
    for line in lines:
        must_be_bookable(line.account, line.amount)
        if line.side not in ("debit", "credit"):
            raise BadJournal(why=f"{line.side} is no side")
    books = sorted({line.account.book for line in lines})
    if len(books) > 1:
        raise BadJournal(why=f"a journal stands in one book, not in {' and '.join(books)}")
    _must_balance(lines)
    return books[0]


def _must_balance(lines: Sequence[Line]) -> None:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: {"debit": 0, "credit": 0})
    for line in lines:
        sums[line.amount.currency][line.side] += line.amount.minor
    for currency, sides in sums.items():
        if sides["debit"] != sides["credit"]:
            debits, credits = (Money.from_minor(sides[side], currency) for side in ("debit", "credit"))
            raise Unbalanced(debits=str(debits), credits=str(credits))


def movements(lines: Iterable[Line], released: dict[Acct, tuple[int, int]] | None = None) -> dict[Acct, Movement]:
    """Return what `lines` do to each account, and what pending (debits, credits) they take off it."""
    moved: dict[Acct, Movement] = defaultdict(Movement)
    for line in lines:
        movement = moved[line.account]
        movement.entries += 1
        if line.side == Side.DEBIT:
            movement.debits += line.amount.minor
        else:
            movement.credits += line.amount.minor
    for account, (debits, credits) in (released or {}).items():
        moved[account].debits_pending -= debits
        moved[account].credits_pending -= credits
    return dict(moved)


def mirror(lines: Iterable[Line]) -> list[Line]:
    """Return the lines that undo `lines` exactly."""
    other = {"debit": "credit", "credit": "debit"}
    return [Line(line.account, other[line.side], line.amount) for line in lines]


def hledger_text(
    *, ref: str, booked_on: date, value_on: date, about: str, source_ref: str, lines: Sequence[Line]
) -> str:
    """Return a journal as hledger reads it: credits negative, amounts with all their digits, one blank line after."""
    dates = f"{booked_on}" if value_on == booked_on else f"{booked_on}={value_on}"
    head = f"{dates} ({ref}) {_one_line(about)}  ; source: {_one_line(source_ref)}"
    rows = []
    for line in lines:
        name = ":".join(part for part in (line.account.book, line.account.kind, line.account.owner) if part)
        amount = line.amount if line.side == Side.DEBIT else -line.amount
        rows.append(f"    {name}  {amount.currency} {amount.amount}")
    return "\n".join([head, *rows, "", ""])


def _one_line(text: str) -> str:
    return " ".join(text.replace(";", ",").split())


def canonical_sha256(what: str, *facts: object) -> str:
    """Return the SHA-256 of a request's canonical form: compact JSON of its facts in a fixed order."""
    text = json.dumps([what, *facts], ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def journal_sha256(journal: NewJournal, linked: Sequence[str] = ()) -> str:
    """Return the fingerprint of a journal's request; `linked` are the keys of those it stands or falls with."""
    lines = [[str(line.account), line.side, line.amount.minor] for line in journal.lines]
    value_on = journal.value_on or journal.booked_on
    return canonical_sha256("journal", lines, journal.booked_on, value_on, journal.source_ref, journal.memo, [*linked])
