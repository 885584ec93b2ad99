"""Everything anyone may do with money under way."""

from finance.treasury.use_cases.book_receipt import UnknownPurpose, book_receipt
from finance.treasury.use_cases.confirm_payment import NotSentYet, confirm_payment
from finance.treasury.use_cases.create_payment import create_payment
from finance.treasury.use_cases.send_payment import NoBankAccount, send_payment

__all__ = [
    "NoBankAccount",
    "NotSentYet",
    "UnknownPurpose",
    "book_receipt",
    "confirm_payment",
    "create_payment",
    "send_payment",
]
