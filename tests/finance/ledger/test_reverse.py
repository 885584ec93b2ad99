from __future__ import annotations

from datetime import date

import pytest

from finance.ledger import models, queries
from finance.ledger.use_cases import (
    AlreadyReversed,
    BadJournal,
    LimitReached,
    PeriodClosed,
    close_period,
    credit,
    debit,
    post,
    reverse,
)
from marketplace.kernel.refusals import NotFound
from tests.finance.ledger.shorthand import AT, DAY, ESCROW, LINS_ADVANCE, LINS_DEPOSIT, books, cny, pay_in

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 1)


def undo(ref: str, key: str = "undo:1", booked_on: date = APRIL) -> str:
    return reverse(journal_ref=ref, key=key, booked_on=booked_on, by="user:wei", at=AT)


class TestReverse:
    def test_posts_the_exact_mirror(self) -> None:
        ref = pay_in("10.00")

        undone = undo(ref)

        assert queries.balance(ESCROW) == queries.balance(LINS_DEPOSIT) == cny("0.00")
        first, second = queries.journals_about("deposit:OR-2026-0001")
        assert (second.ref, second.reverses) == (undone, first.ref)
        assert second.lines == [credit(ESCROW, cny("10.00")), debit(LINS_DEPOSIT, cny("10.00"))]
        assert queries.verify() == []

    def test_the_same_request_again_returns_the_first_reversal(self) -> None:
        ref = pay_in("10.00")
        first = undo(ref)
        before = books()

        assert undo(ref) == first
        assert books() == before

    def test_happens_once(self) -> None:
        ref = pay_in("10.00")
        undo(ref)
        before = books()

        with pytest.raises(AlreadyReversed):
            undo(ref, key="undo:2")

        assert books() == before

    def test_is_not_reversed_itself(self) -> None:
        undone = undo(pay_in("10.00"))

        with pytest.raises(BadJournal):
            undo(undone, key="undo:2")

    def test_needs_an_open_month(self) -> None:
        ref = pay_in("10.00")
        close_period(book="platform", month=DAY, by="user:wei", at=AT)
        before = books()

        with pytest.raises(PeriodClosed):
            undo(ref, booked_on=DAY)

        assert books() == before
        undo(ref)

    def test_keeps_the_floors(self) -> None:
        ref = pay_in("10.00")
        lines = [debit(LINS_DEPOSIT, cny("4.00")), credit(LINS_ADVANCE, cny("4.00"))]
        post(key="advance", lines=lines, booked_on=DAY, source_ref="x", by="user:lin", at=AT)
        before = books()

        with pytest.raises(LimitReached):
            undo(ref)

        assert books() == before

    def test_of_an_unknown_journal_is_refused(self) -> None:
        with pytest.raises(NotFound):
            undo("JN-2026-9999")

    def test_verify_finds_one_that_does_not_mirror(self) -> None:
        """Written past the use case: a sound journal that claims to reverse another and moves less."""
        ref = pay_in("10.00")
        period = models.Period.objects.get()
        accounts = {account.kind: account for account in models.Account.objects.all()}
        sides = (("buyer_deposits", "debit"), ("cash_escrow", "credit"))
        models.Entry.objects.bulk_create(
            models.Entry(journal_id=77, position=n, account=accounts[kind], version=2, side=side, amount=9)
            for n, (kind, side) in enumerate(sides, 1)
        )
        models.Journal.objects.create(
            id=77,
            ref="JN-2026-0077",
            book="platform",
            period=period,
            booked_on=DAY,
            value_on=DAY,
            source_ref="x",
            key="x",
            lines=2,
            reverses=models.Journal.objects.get(ref=ref),
            recorded_by="user:mallory",
            recorded_at=AT,
        )

        assert sum("JN-2026-0077: does not mirror" in finding for finding in queries.verify()) == 2
