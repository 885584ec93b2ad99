from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.ledger import models, queries
from finance.ledger.use_cases import (
    Acct,
    BadJournal,
    KeyReused,
    LimitReached,
    NewJournal,
    PeriodClosed,
    Unbalanced,
    UnknownAccount,
    close_period,
    credit,
    debit,
    post,
    post_linked,
)
from marketplace.events.models import RefCounter
from marketplace.kernel.money import Money
from tests.finance.ledger.shorthand import AT, BANK, DAY, ESCROW, LIN, LINS_ADVANCE, LINS_DEPOSIT, books, cny, pay_in

pytestmark = pytest.mark.django_db


def advance(amount: str, key: str = "advance:1") -> str:
    lines = [debit(LINS_DEPOSIT, cny(amount)), credit(LINS_ADVANCE, cny(amount))]
    return post(key=key, lines=lines, booked_on=DAY, source_ref="CM-2026-0001", by="user:lin", at=AT)


class TestPost:
    def test_opens_the_accounts_and_moves_both_balances(self) -> None:
        ref = pay_in("1200.50")

        assert ref == "JN-2026-0001"
        assert queries.balance(ESCROW) == cny("1200.50")
        assert queries.balance(LINS_DEPOSIT) == cny("1200.50")
        assert queries.verify() == []

    def test_numbers_the_entries_of_an_account_without_gaps(self) -> None:
        pay_in("1.00", key="a")
        pay_in("2.00", key="b")
        lines = [debit(ESCROW, cny("3.00")), debit(ESCROW, cny("4.00")), credit(LINS_DEPOSIT, cny("7.00"))]
        post(key="c", lines=lines, booked_on=DAY, source_ref="x", by="user:wei", at=AT)

        versions = models.Entry.objects.filter(account__kind="cash_escrow").values_list("version", "amount")
        assert list(versions.order_by("version")) == [(1, 100), (2, 200), (3, 300), (4, 400)]
        assert models.Account.objects.get(kind="cash_escrow").version == 4

    def test_same_key_and_body_returns_the_first_journal(self) -> None:
        first = pay_in("5.00")
        before = books()

        assert pay_in("5.00") == first
        assert books() == before

    def test_same_key_and_another_body_is_refused(self) -> None:
        pay_in("5.00")
        before = books()

        with pytest.raises(KeyReused):
            pay_in("6.00")

        assert books() == before

    def test_refuses_what_does_not_balance(self) -> None:
        lines = [debit(ESCROW, cny("5.00")), credit(LINS_DEPOSIT, cny("4.99"))]

        with pytest.raises(Unbalanced) as refusal:
            post(key="k", lines=lines, booked_on=DAY, source_ref="x", by="user:wei", at=AT)

        assert refusal.value.facts == {"debits": "CNY 5.00", "credits": "CNY 4.99"}
        assert books() == ([], 0, 0)

    def test_balances_each_currency_by_itself(self) -> None:
        usd = Money(Decimal("5.00"), "USD")
        lines = [debit(ESCROW, cny("5.00")), credit(Acct("buyer_deposits", owner=LIN, currency="USD"), usd)]

        with pytest.raises(Unbalanced):
            post(key="k", lines=lines, booked_on=DAY, source_ref="x", by="user:wei", at=AT)

    @pytest.mark.parametrize(
        "lines",
        [
            [],
            [debit(ESCROW, cny("0.00")), credit(LINS_DEPOSIT, cny("0.00"))],
            [debit(ESCROW, cny("-1.00")), credit(LINS_DEPOSIT, cny("-1.00"))],
            [debit(Acct("cash_bank", currency="USD"), cny("1.00")), credit(LINS_DEPOSIT, cny("1.00"))],
            [debit(Acct("cash_bank", book="OR-2026-0009"), cny("1.00")), credit(LINS_DEPOSIT, cny("1.00"))],
        ],
        ids=["no lines", "zero", "negative", "another currency", "two books"],
    )
    def test_refuses_what_is_no_journal(self, lines: list[object]) -> None:
        with pytest.raises(BadJournal):
            post(key="k", lines=lines, booked_on=DAY, source_ref="x", by="user:wei", at=AT)  # type: ignore[arg-type]

        assert books() == ([], 0, 0)

    def test_refuses_an_account_the_chart_does_not_know(self) -> None:
        lines = [debit(Acct("petty_cash"), cny("1.00")), credit(LINS_DEPOSIT, cny("1.00"))]

        with pytest.raises(UnknownAccount):
            post(key="k", lines=lines, booked_on=DAY, source_ref="x", by="user:wei", at=AT)

    def test_refuses_to_let_an_account_fall_below_its_floor(self) -> None:
        pay_in("100.00")
        before = books()

        with pytest.raises(LimitReached) as refusal:
            advance("100.01")

        assert refusal.value.facts == {
            "account": f"platform/buyer_deposits/{LIN}/CNY",
            "available": "CNY 100.00",
            "wanted": "CNY 100.01",
        }
        assert books() == before
        assert RefCounter.objects.get(prefix="JN").last == 1

    def test_lets_an_account_fall_to_exactly_zero(self) -> None:
        pay_in("100.00")

        advance("100.00")

        assert queries.balance(LINS_DEPOSIT) == cny("0.00")
        assert queries.balance(LINS_ADVANCE) == cny("100.00")

    def test_refuses_a_closed_month(self) -> None:
        pay_in("1.00")
        close_period(book="platform", month=date(2026, 3, 31), by="user:wei", at=AT)
        before = books()

        with pytest.raises(PeriodClosed):
            pay_in("2.00", key="late")

        assert books() == before
        pay_in("2.00", key="late", booked_on=date(2026, 4, 1))
        assert queries.verify() == []

    def test_closes_a_month_once(self) -> None:
        close_period(book="platform", month=DAY, by="user:wei", at=AT)

        with pytest.raises(PeriodClosed):
            close_period(book="platform", month=DAY, by="user:wei", at=AT)

    def test_takes_the_same_few_queries_however_many_journals_stand(self) -> None:
        pay_in("1.00", key="first")
        counts = []
        for n in range(3):
            with CaptureQueriesContext(
                connection,
            ) as taken:
                pay_in("1.00", key=f"n{n}")
            counts.append(len(taken))

        most = 12 if connection.vendor == "postgresql" else 11
        assert counts == [counts[0]] * 3
        assert counts[0] <= most


class TestPostLinked:
    def linked(self, second: str) -> list[NewJournal]:
        return [
            NewJournal("l1", [debit(ESCROW, cny("10.00")), credit(LINS_DEPOSIT, cny("10.00"))], DAY, "x"),
            NewJournal("l2", [debit(LINS_DEPOSIT, cny(second)), credit(LINS_ADVANCE, cny(second))], DAY, "x"),
        ]

    def test_posts_all_in_order(self) -> None:
        refs = post_linked(journals=self.linked("10.00"), by="user:wei", at=AT)

        assert refs == ["JN-2026-0001", "JN-2026-0002"]
        assert queries.balance(LINS_ADVANCE) == cny("10.00")
        assert post_linked(journals=self.linked("10.00"), by="user:wei", at=AT) == refs

    def test_posts_none_when_one_is_refused(self) -> None:
        with pytest.raises(LimitReached):
            post_linked(journals=self.linked("10.01"), by="user:wei", at=AT)

        assert books() == ([], 0, 0)

    def test_keeps_the_limits_after_each_journal(self) -> None:
        """In the other order the second would spend what only the first brings."""
        with pytest.raises(LimitReached) as refusal:
            post_linked(journals=self.linked("10.00")[::-1], by="user:wei", at=AT)

        assert refusal.value.facts["available"] == "CNY 0.00"
        assert books() == ([], 0, 0)

    def test_takes_hardly_more_queries_for_many(self) -> None:
        pay_in("1.00")
        many = [
            NewJournal(f"m{n}", [debit(ESCROW, cny("1.00")), credit(LINS_DEPOSIT, cny("1.00"))], DAY, "x")
            for n in range(40)
        ]

        with CaptureQueriesContext(connection) as taken:
            post_linked(journals=many, by="user:wei", at=AT)

        assert len(taken) <= 15
        assert queries.balance(ESCROW) == cny("41.00")
        assert queries.verify() == []

    def test_opens_many_accounts_at_once(self) -> None:
        many = [
            NewJournal(
                f"m{n}", [debit(ESCROW, cny("1.00")), credit(Acct("bid_bonds", owner=f"OR-{n}"), cny("1.00"))], DAY, "x"
            )
            for n in range(1100)
        ]

        post_linked(journals=many, by="user:wei", at=AT)

        assert models.Account.objects.count() == 1101
        assert queries.verify() == []

    def test_a_journal_that_stands_alone_cannot_be_linked_later(self) -> None:
        alone = self.linked("10.00")[0]
        post(key="l1", lines=alone.lines, booked_on=DAY, source_ref="x", by="user:wei", at=AT)

        with pytest.raises(KeyReused):
            post_linked(journals=self.linked("10.00"), by="user:wei", at=AT)

        assert models.Journal.objects.count() == 1


class TestStatement:
    def test_runs_from_opening_to_closing_balance(self) -> None:
        pay_in("10.00", key="feb", booked_on=date(2026, 2, 27))
        pay_in("5.00", key="mar")
        advance("3.00")
        pay_in("9.00", key="apr", booked_on=date(2026, 4, 1))

        report = queries.statement(LINS_DEPOSIT, date(2026, 3, 1), date(2026, 4, 1))

        assert (report.opening, report.closing) == (cny("10.00"), cny("12.00"))
        assert [(line.change, line.balance) for line in report.lines] == [
            (cny("5.00"), cny("15.00")),
            (cny("-3.00"), cny("12.00")),
        ]

    def test_trial_balance_sums_to_zero(self) -> None:
        pay_in("10.00")
        advance("4.00")
        post(
            key="fee",
            lines=[debit(BANK, cny("2.00")), credit(Acct("fee_income"), cny("2.00"))],
            booked_on=DAY,
            source_ref="x",
            by="user:wei",
            at=AT,
        )

        rows = queries.trial_balance()

        assert {row.kind: row.balance for row in rows} == {
            "cash_bank": cny("2.00"),
            "cash_escrow": cny("10.00"),
            "buyer_deposits": cny("6.00"),
            "customer_advances": cny("4.00"),
            "fee_income": cny("2.00"),
        }
        assert sum(row.debits.minor - row.credits.minor for row in rows) == 0

    def test_journals_about_a_source_show_their_lines(self) -> None:
        pay_in("10.00")
        ref = advance("4.00")

        [journal] = queries.journals_about("CM-2026-0001")

        assert journal.ref == ref
        assert journal.lines == [debit(LINS_DEPOSIT, cny("4.00")), credit(LINS_ADVANCE, cny("4.00"))]
