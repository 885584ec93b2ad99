"""Which accounts a payment moves, and what a receipt is for."""

from __future__ import annotations

from dataclasses import dataclass

from finance.ledger.rules import ESCROW, Acct, Line, canonical_sha256, credit, debit
from marketplace.kernel.money import Money

IN, OUT = "in", "out"
DIRECTIONS = (IN, OUT)
RECEIPTS = {
    "deposit": "buyer_deposits",
    "advance": "customer_advances",
    "bid_bond": "bid_bonds",
    "receivable": "receivable",
    "unidentified": "suspense",
}


@dataclass(frozen=True)
class Route:
    """How a payment order moves money on the ledger.

    Money that is not escrow's goes through `in_transit` while the bank has it. Money out of escrow is held, not moved,
    until the bank has paid, so that escrow cash equals what escrow owes at every moment. Money in is booked when it is
    here.
    """

    direction: str
    settles: Acct
    amount: Money

    @property
    def escrow(self) -> bool:
        return self.settles.kind in ESCROW

    @property
    def cash(self) -> Acct:
        return Acct("cash_escrow" if self.escrow else "cash_bank", "", self.settles.currency, self.settles.book)

    @property
    def in_transit(self) -> Acct:
        return Acct("in_transit", "", self.settles.currency, self.settles.book)

    @property
    def through_transit(self) -> bool:
        return self.direction == OUT and not self.escrow

    def sent(self) -> list[Line]:
        """The lines of row 24, payment sent."""
        return [debit(self.settles, self.amount), credit(self.in_transit, self.amount)]

    def settled(self) -> list[Line]:
        """The lines of row 24, payment settled; of a receipt when money comes in."""
        if self.direction == IN:
            return [debit(self.cash, self.amount), credit(self.settles, self.amount)]
        return [debit(self.in_transit, self.amount), credit(self.cash, self.amount)]


def order_sha256(direction: str, counterparty: str, amount: Money, *facts: str) -> str:
    """Return the fingerprint of a payment order's request."""
    return canonical_sha256("payment", direction, counterparty, amount.currency, amount.minor, *facts)
