"""The bank behind an adapter: the same few words whether it is pretended, reached by files, or by a line of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from marketplace.kernel.money import Money


class Answer(StrEnum):
    ACCEPTED = "accepted"  # taken, not yet executed
    SETTLED = "settled"  # the money has moved
    REJECTED = "rejected"  # it will not move
    PENDING = "pending"  # it is there, and nothing more is known
    UNHEARD = "unheard"  # the bank vouches that it holds nothing under the key


@dataclass(frozen=True)
class Reply:
    """What the bank says of one key."""

    answer: Answer
    bank_reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Instruction:
    """A payment the bank is asked to make (`out`) or to collect (`in`).

    ref       our payment order; comes back as end-to-end id
    account   our own account's number, within which keys are unique
    holder, bank_code, number    where the counterparty is paid; empty when collecting without a mandate
    """

    ref: str
    account: str
    direction: str
    amount: Money
    holder: str
    bank_code: str
    number: str
    purpose: str
    on: date


class BankTimeout(Exception):
    """No answer came. The bank may or may not have acted: ask `status`, never instruct again on a guess."""


class Bank(Protocol):
    """What every adapter does. Both may raise BankTimeout."""

    def instruct(self, key: str, instruction: Instruction) -> Reply:
        """Ask for a payment. The same key again must never pay twice: the bank, or its folder, knows the key."""
        ...

    def status(self, key: str, account: str) -> Reply:
        """Tell what became of the payment under `key` of our `account`."""
        ...


def the_bank() -> Bank:
    """Return the bank that the settings name."""
    from django.conf import settings

    if settings.BANK_ADAPTER == "file":
        from finance.treasury.bank.file_bank import FileBank

        return FileBank(settings.BANK_FOLDER, name=settings.BANK_HOLDER, bank=settings.BANK_CODE)
    from finance.treasury.bank.fake_bank import FakeBank

    return FakeBank(settings.FAKE_BANK_FILE)
