"""Many threads, each with a connection of its own, on the same few accounts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from finance.ledger import models, queries
from finance.ledger.use_cases import Acct, HoldResolved, LimitReached, credit, debit, hold, post, post_hold, void_hold
from tests.finance.ledger.shorthand import AT, BANK, BAO, DAY, ESCROW, LIN, LINS_ADVANCE, LINS_DEPOSIT, cny, pay_in

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


def at_once(deed: Callable[[int], Any], count: int) -> list[Any]:
    """Run deed(0) ... deed(count - 1) on eight threads; return what each returned or raised."""

    def one(number: int) -> Any:
        try:
            return deed(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(count)))


class TestConcurrency:
    def test_hot_accounts_count_exactly(self) -> None:
        results = at_once(lambda n: pay_in("1.00", key=f"k{n}", owner=(LIN, BAO)[n % 2]), 80)

        assert [r for r in results if not isinstance(r, str)] == []
        assert len(set(results)) == 80
        assert queries.balance(ESCROW) == cny("80.00")
        assert queries.balance(LINS_DEPOSIT) == cny("40.00")
        assert queries.verify() == []

    def test_same_key_at_once_makes_one_journal(self) -> None:
        results = at_once(lambda _: pay_in("1.00", key="once"), 16)

        assert set(results) == {"JN-2026-0001"}
        assert models.Journal.objects.count() == 1
        assert queries.verify() == []

    def test_journals_in_opposite_orders_do_not_lock_each_other_out(self) -> None:
        """Each transaction posts two journals, half of them in the other order: a circle if accounts were all."""
        for owner in (LIN, BAO):
            pay_in("100.00", key=f"deposit:{owner}", owner=owner)

        def two(n: int) -> str:
            with transaction.atomic():
                for step, owner in enumerate((LIN, BAO) if n % 2 else (BAO, LIN)):
                    lines = [
                        debit(Acct("buyer_deposits", owner=owner), cny("1.00")),
                        credit(Acct("customer_advances", owner=owner), cny("1.00")),
                    ]
                    post(key=f"{n}:{step}", lines=lines, booked_on=DAY, source_ref="x", by="user:wei", at=AT)
            return "done"

        assert at_once(two, 40) == ["done"] * 40
        assert queries.balance(LINS_DEPOSIT) == cny("60.00")
        assert queries.verify() == []

    def test_the_last_money_is_taken_once(self) -> None:
        pay_in("50.00")

        results = at_once(
            lambda n: hold(
                key=f"h{n}",
                debit=LINS_DEPOSIT,
                credit=LINS_ADVANCE,
                amount=cny("1.00"),
                source_ref="x",
                by="user:lin",
                at=AT,
            ),
            80,
        )

        assert sum(isinstance(r, str) for r in results) == 50
        assert sum(isinstance(r, LimitReached) for r in results) == 30
        assert queries.available(LINS_DEPOSIT) == cny("0.00")
        assert queries.verify() == []

    def test_a_hold_is_resolved_by_one_of_many(self) -> None:
        pay_in("50.00")
        hold(key="h", debit=LINS_DEPOSIT, credit=LINS_ADVANCE, amount=cny("9.00"), source_ref="x", by="u", at=AT)

        def resolve(n: int) -> Any:
            if n % 2:
                return void_hold(key="h", by="user:wei", at=AT)
            return post_hold(key="h", booked_on=DAY, by="user:wei", at=AT)

        results = at_once(resolve, 16)

        posted = models.Hold.objects.get(key="h").state == "posted"
        assert sum(isinstance(r, HoldResolved) for r in results) == 8
        assert queries.balance(LINS_ADVANCE) == cny("9.00" if posted else "0.00")
        assert queries.verify() == []

    def test_reads_are_of_whole_journals(self) -> None:
        """The trial balance is zero whenever one looks."""

        def deed(n: int) -> bool:
            if n % 4:
                lines = [debit(BANK, cny("3.00")), credit(Acct("fee_income"), cny("3.00"))]
                post(key=f"f{n}", lines=lines, booked_on=DAY, source_ref="x", by="user:wei", at=AT)
                return True
            rows = queries.trial_balance()
            return sum(row.debits.minor - row.credits.minor for row in rows) == 0

        assert at_once(deed, 60) == [True] * 60
