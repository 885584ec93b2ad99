from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from finance.ledger import queries
from finance.ledger.use_cases import Acct, NewJournal, credit, debit, post, post_linked, reverse
from tests.finance.ledger.shorthand import AT, BAO, DAY, ESCROW, LIN, cny, pay_in

pytestmark = pytest.mark.django_db


class TestExportLedger:
    def test_writes_a_journal_as_hledger_reads_it(self, tmp_path: Path) -> None:
        pay_in("1200.50")

        call_command("export_ledger", out=tmp_path / "book.journal")

        assert (tmp_path / "book.journal").read_text() == (
            "2026-03-02 (JN-2026-0001) deposit:1  ; source: deposit:OR-2026-0001\n"
            "    platform:cash_escrow  CNY 1200.50\n"
            "    platform:buyer_deposits:OR-2026-0001  CNY -1200.50\n"
            "\n"
        )

    def test_whoever_adds_it_up_gets_our_balances(self, tmp_path: Path) -> None:
        for number, owner in enumerate((LIN, BAO, LIN)):
            ref = pay_in(f"{number + 1}.07", key=f"d{number}", owner=owner)
        reverse(journal_ref=ref, key="undo", booked_on=DAY, by="user:wei", at=AT)
        lines = [debit(Acct("cash_bank"), cny("3.00")), credit(Acct("fee_income"), cny("3.00"))]
        post(key="fee", lines=lines, booked_on=DAY, source_ref="a; b", memo="two\nlines", by="user:wei", at=AT)

        call_command("export_ledger", out=tmp_path / "book.journal")

        sums: Counter[str] = Counter()
        for row in (tmp_path / "book.journal").read_text().splitlines():
            if row.startswith("    "):
                name, amount = row.strip().split("  ")
                sums[name] += Decimal(amount.removeprefix("CNY "))  # type: ignore[assignment]
        assert sum(sums.values()) == 0
        assert sums["platform:cash_escrow"] == queries.balance(ESCROW).amount
        assert sums[f"platform:buyer_deposits:{BAO}"] == -queries.balance(Acct("buyer_deposits", owner=BAO)).amount

    def test_writes_a_long_book_whole(self, tmp_path: Path) -> None:
        lines = [debit(ESCROW, cny("1.00")), credit(Acct("buyer_deposits", owner=LIN), cny("1.00"))]
        many = [NewJournal(f"m{number}", lines, DAY, "x") for number in range(2_100)]
        post_linked(journals=many, by="user:wei", at=AT)

        call_command("export_ledger", out=tmp_path / "book.journal")

        assert (tmp_path / "book.journal").read_text().count("platform:cash_escrow  CNY 1.00") == 2_100

    def test_writes_one_book_alone(self, tmp_path: Path) -> None:
        pay_in("1.00")

        call_command("export_ledger", book="OR-2026-0009", out=tmp_path / "book.journal")

        assert (tmp_path / "book.journal").read_text() == ""
