"""How what is due becomes steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from finance.engines.netting import Due, Netting, net

JOB = "settlement"
IN, OUT = "in", "out"


@dataclass(frozen=True)
class Kind:
    """What one kind of obligation means for money and the books.

    direction   in: the counterparty owes us; out: we owe it
    account     the ledger account of the counterparty that it stands on
    family      obligations of a counterparty and currency are settled together within a family; only trade is netted,
                since the money of funders and the refunds of buyers are not ours to set off
    """

    direction: str
    account: str
    family: str


KINDS = {
    "receivable": Kind(IN, "receivable", "trade"),
    "payable": Kind(OUT, "supplier_payable", "trade"),
    "funding": Kind(IN, "cash_clearing", "fund"),
    "disbursement": Kind(OUT, "cash_clearing", "disburse"),
    "repayment": Kind(OUT, "funder_payable", "repay"),
    "refund": Kind(OUT, "due_to_buyer", "release"),
    "retention": Kind(OUT, "retention_payable", "retention"),
}
OBLIGATION_KINDS = list(KINDS)
# Money comes in before it goes out; what a night has earned is booked before the day's payments.
ORDER = ["accrue", "fund", "collect", "offset", "release", "disburse", "pay", "retention", "repay"]


@dataclass(frozen=True)
class Owed:
    """An obligation as planning sees it."""

    id: int
    ref: str
    kind: str
    counterparty_id: int
    currency: str
    amount: int
    due_on: date


@dataclass(frozen=True)
class Bundle:
    """Obligations that one step settles, oldest first, and what remains to be paid after set-off.

    net > 0: the counterparty pays us; net < 0: we pay; 0: nobody pays.
    """

    family: str
    counterparty_id: int
    currency: str
    owed: tuple[Owed, ...]
    netting: Netting

    @property
    def kind(self) -> str:
        if self.family != "trade":
            return self.family
        if self.netting.net == 0:
            return "offset"
        return "collect" if self.netting.net > 0 else "pay"

    @property
    def direction(self) -> str:
        return "" if self.netting.net == 0 else IN if self.netting.net > 0 else OUT

    @property
    def amount(self) -> int:
        return abs(self.netting.net)

    @property
    def account(self) -> str:
        """The kind of ledger account that the payment settles; all that is left after set-off stands on one."""
        left = {KINDS[due.kind].account for due, part in zip(self.owed, self.netting.dues, strict=True) if part.paid}
        return next(iter(left), "")


def bundle(owed: Iterable[Owed]) -> Bundle:
    """Return the bundle of obligations of one counterparty, currency and family, given oldest first."""
    rows = tuple(owed)
    signs = {IN: 1, OUT: -1}
    dues = [Due(row.ref, signs[KINDS[row.kind].direction], row.amount) for row in rows]
    first = rows[0]
    return Bundle(KINDS[first.kind].family, first.counterparty_id, first.currency, rows, net(dues))


def bundles(owed: Iterable[Owed]) -> list[Bundle]:
    """Return what is due, bundled by counterparty, currency and family; money in before money out."""
    groups: dict[tuple[int, str, str], list[Owed]] = {}
    for row in owed:
        groups.setdefault((row.counterparty_id, row.currency, KINDS[row.kind].family), []).append(row)
    made = [bundle(group) for group in groups.values()]
    return sorted(made, key=lambda one: (ORDER.index(one.kind), one.owed[0].due_on, one.owed[0].id))


def step_key(business_date: date, step: str, what: str) -> str:
    """Return the key of a step: job, business date, object, step."""
    return f"{JOB}:{business_date.isoformat()}:{what}:{step}"
