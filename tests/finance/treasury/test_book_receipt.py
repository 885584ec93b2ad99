from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from finance.ledger import queries as books
from finance.ledger.use_cases import Acct, KeyReused
from finance.treasury import models
from finance.treasury.use_cases import UnknownPurpose, book_receipt
from tests.cast import Player
from tests.finance.treasury.shorthand import AT, cny

pytestmark = pytest.mark.django_db


def receive(payer: Player, amount: str = "50.00", reference: str = "B1", for_: str = "deposit") -> str:
    return book_receipt(
        payer_ref=payer.org,
        amount=cny(amount),
        bank_reference=reference,
        for_=for_,
        booked_on=AT.date(),
        by="user:wei",
        at=AT,
    )


class TestBookReceipt:
    def test_puts_a_deposit_into_escrow(self, lin: Player) -> None:
        receive(lin)

        assert books.balance(Acct("cash_escrow")) == cny("50.00")
        assert books.balance(Acct("buyer_deposits", owner=lin.org)) == cny("50.00")
        assert books.verify() == []

    def test_puts_a_paid_invoice_into_the_bank(self, lin: Player) -> None:
        receive(lin, for_="receivable")

        assert books.balance(Acct("cash_bank")) == cny("50.00")
        assert books.balance(Acct("receivable", owner=lin.org)) == cny("-50.00")

    def test_books_a_bank_reference_once(self, lin: Player) -> None:
        assert receive(lin) == receive(lin)
        assert models.BankStatementLine.objects.count() == 1
        assert books.balance(Acct("cash_escrow")) == cny("50.00")

    def test_two_alike_on_one_day_are_two(self, lin: Player) -> None:
        receive(lin, reference="B1")
        receive(lin, reference="B2")

        assert books.balance(Acct("cash_escrow")) == cny("100.00")

    def test_refuses_another_amount_under_the_same_reference(self, lin: Player) -> None:
        receive(lin)

        with pytest.raises(KeyReused):
            receive(lin, "51.00")

        assert models.BankStatementLine.objects.count() == 1

    def test_refuses_a_purpose_nobody_knows(self, lin: Player) -> None:
        with pytest.raises(UnknownPurpose):
            receive(lin, for_="luck")

    @pytest.mark.parametrize(
        "sql", ["UPDATE treasury_bankstatementline SET amount_minor = 1", "DELETE FROM treasury_bankstatementline"]
    )
    def test_the_banks_lines_stay(self, lin: Player, sql: str) -> None:
        receive(lin)

        def alter() -> Any:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)

        with pytest.raises(DatabaseError):
            alter()
