from __future__ import annotations

import pytest

from finance.ledger.use_cases import Acct, credit, debit, post
from finance.treasury import queries
from finance.treasury.bank import Instruction
from finance.treasury.use_cases import confirm_payment, send_payment
from tests.cast import Player
from tests.finance.treasury.shorthand import AT, TRANSIT, bank, cny, give_account, order, owe

pytestmark = pytest.mark.django_db


class TestVerify:
    def test_finds_money_in_transit_that_no_order_explains(self) -> None:
        lines = [debit(Acct("suspense"), cny("3.00")), credit(TRANSIT, cny("3.00"))]
        post(key="stray", lines=lines, booked_on=AT.date(), source_ref="x", by="user:mallory", at=AT)

        assert queries.verify() == ["in transit platform/CNY: 300, orders say 0"]

    def test_finds_money_the_bank_moved_without_an_order(self, teng: Player) -> None:
        owe(teng)
        give_account(teng)
        ref = order(teng)
        send_payment(payment_ref=ref, by="system:settlement", at=AT)
        confirm_payment(payment_ref=ref, by="system:settlement", at=AT)
        account = queries.own_accounts()["platform"]
        stray = Instruction("PY-2026-9999", account, "out", cny("7.00"), "Mallory", "x", "1", "gift", AT.date())

        bank().instruct("stray", stray)

        assert queries.verify() == ["platform out CNY: the bank moved 10700, we know of 10000 to 10000"]
