"""What raw SQL may not do, whoever holds the connection."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from finance.ledger import queries
from finance.ledger.use_cases import close_period, hold, void_hold
from tests.finance.ledger.shorthand import AT, DAY, LINS_ADVANCE, LINS_DEPOSIT, books, cny, pay_in

pytestmark = pytest.mark.django_db
ENTRY = "INSERT INTO ledger_entry (journal_id, position, account_id, version, side, amount) VALUES "
JOURNAL = (
    "INSERT INTO ledger_journal (id, ref, book, period_id, booked_on, value_on, source_ref, memo, key, "
    "request_sha256, lines, recorded_by, recorded_at) "
)


def run(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def journal_row(number: int, **other: str) -> str:
    """The SQL of a journal like the first one, with some columns told otherwise."""
    columns = {
        "id": str(number),
        "ref": f"'JN-2026-{number}'",
        "book": "'platform'",
        "period_id": "(SELECT id FROM ledger_period WHERE month = '2026-03-01')",
        "booked_on": "'2026-03-02'",
        "lines": "2",
    } | other
    c = columns
    return JOURNAL + (
        f"VALUES ({c['id']}, {c['ref']}, {c['book']}, {c['period_id']}, {c['booked_on']}, '2026-03-02', 'x', '', "
        f"'raw:{number}', '', {c['lines']}, 'user:mallory', '2026-03-02 09:00:00+00:00')"
    )


def entry_row(number: int, position: int, kind: str, side: str, *, amount: int, version: int = 2) -> str:
    account = f"(SELECT id FROM ledger_account WHERE kind = '{kind}')"
    return ENTRY + f"({number}, {position}, {account}, {version}, '{side}', {amount})"


def pair(number: int, debit: int = 100, credit: int = 100) -> list[str]:
    return [
        entry_row(number, 1, "cash_escrow", "debit", amount=debit),
        entry_row(number, 2, "buyer_deposits", "credit", amount=credit),
    ]


class TestSeals:
    @pytest.fixture(autouse=True)
    def _journal(self, db: None) -> None:
        pay_in("10.00")

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger_journal SET memo = 'else'",
            "DELETE FROM ledger_journal",
            "UPDATE ledger_entry SET amount = 1",
            "UPDATE ledger_entry SET amount = 1 WHERE position = 1",
            "DELETE FROM ledger_entry",
            "DELETE FROM ledger_account",
            "UPDATE ledger_account SET owner = 'OR-2026-0666'",
            "UPDATE ledger_account SET floored = NOT floored",
            "DELETE FROM ledger_period",
        ],
    )
    def test_what_is_written_stays(self, statement: str) -> None:
        before = books()

        with pytest.raises(DatabaseError):
            run(statement)

        assert books() == before

    @pytest.mark.parametrize("table", ["ledger_journal", "ledger_entry", "ledger_account", "ledger_period"])
    def test_nothing_is_wiped_out_at_one_stroke(self, table: str) -> None:
        """TRUNCATE passes by row triggers on PostgreSQL, INSERT OR REPLACE passes by DELETE triggers on SQLite."""
        before = books()
        wipe = {
            "postgresql": f"TRUNCATE {table} CASCADE",
            "sqlite": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        }

        with pytest.raises(DatabaseError):
            run(wipe[connection.vendor])

        assert books() == before

    def test_no_line_is_added_to_a_journal_that_stands(self) -> None:
        [ref] = [journal.ref for journal in queries.journals_about("deposit:OR-2026-0001")]

        with pytest.raises(DatabaseError, match="sealed"):
            run(entry_row(2026 * 10**9 + int(ref[-4:]), 3, "cash_escrow", "debit", amount=1))

    def test_a_sound_journal_passes(self) -> None:
        run(*pair(77), journal_row(77))

    @pytest.mark.parametrize(
        ("entries", "other", "why"),
        [
            (pair(77, 100, 99), {}, "does not balance"),
            (pair(77)[:1], {}, "lines it declares"),
            (pair(77), {"lines": "3"}, "lines it declares"),
            ([], {"lines": "0"}, "lines it declares"),
            (pair(77), {"book": "'OR-2026-0009'"}, "one book"),
            (pair(77), {"booked_on": "'2026-04-01'"}, "month"),
        ],
        ids=["unbalanced", "one line", "a line short", "no lines", "another book", "another month"],
    )
    def test_an_unsound_journal_is_refused(self, entries: list[str], other: dict[str, str], why: str) -> None:
        before = books()

        with pytest.raises(IntegrityError, match=why):
            run(*entries, journal_row(77, **other))

        assert books() == before

    def test_a_journal_in_a_closed_month_is_refused(self) -> None:
        close_period(book="platform", month=DAY, by="user:wei", at=AT)

        with pytest.raises(IntegrityError, match="month"):
            run(*pair(77), journal_row(77))

    def test_a_closed_month_does_not_open_again(self) -> None:
        close_period(book="platform", month=DAY, by="user:wei", at=AT)

        with pytest.raises(DatabaseError):
            run("UPDATE ledger_period SET closed_at = NULL")

    def test_a_resolved_hold_stays_resolved(self) -> None:
        hold(key="h", debit=LINS_DEPOSIT, credit=LINS_ADVANCE, amount=cny("1.00"), source_ref="x", by="user:lin", at=AT)
        void_hold(key="h", by="user:lin", at=AT)

        for statement in ("UPDATE ledger_hold SET state = 'pending'", "DELETE FROM ledger_hold"):
            with pytest.raises(DatabaseError):
                run(statement)

    def test_counters_do_not_pass_the_floor(self) -> None:
        with pytest.raises(IntegrityError):
            run("UPDATE ledger_account SET debits_posted = 1001 WHERE kind = 'buyer_deposits'")

    def test_verify_finds_a_counter_that_was_altered(self) -> None:
        run("UPDATE ledger_account SET credits_posted = 1001 WHERE kind = 'buyer_deposits'")

        assert queries.verify() == [
            "account platform/buyer_deposits/OR-2026-0001/CNY: posted 0/1001, entries say 0/1000",
            "book platform: debits and credits differ by -1 CNY",
            "book platform: escrow holds 1000 CNY and owes 1001",
        ]


@pytest.mark.django_db(transaction=True)
def test_entries_without_their_journal_are_not_committed() -> None:
    pay_in("10.00")
    before = books()

    with pytest.raises(IntegrityError):
        run(*pair(77))

    assert books() == before


@pytest.mark.django_db(transaction=True)
def test_no_line_slips_in_beside_an_open_transaction() -> None:
    """One connection writes entries and their journal; another adds a line before it can see the journal."""
    pay_in("10.00")
    other: Any = connections.create_connection("default")
    try:
        with pytest.raises(DatabaseError, match=r"sealed|locked"):
            _slip_in(other)
    finally:
        other.close()

    assert [finding for finding in queries.verify() if "lines declared" in finding] == []


def _slip_in(other: Any) -> None:
    """PostgreSQL refuses the line at its commit; SQLite does not let a second writer in."""
    with other.cursor() as theirs:
        if other.vendor == "sqlite":
            theirs.execute("PRAGMA busy_timeout = 50")
    other.set_autocommit(False)
    with transaction.atomic(), connection.cursor() as mine, other.cursor() as theirs:
        for statement in [*pair(77), journal_row(77)]:
            mine.execute(statement)
        theirs.execute(entry_row(77, 3, "cash_escrow", "debit", amount=1, version=9))
    other.commit()
