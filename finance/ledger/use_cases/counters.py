"""Accounts and their counters: opened on first use, moved only by a conditional update."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Q

from finance.ledger import models
from finance.ledger.rules import Acct, Movement, kind_of
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop

TURNSTILE = 0x6C6564676572  # "ledger"
SLICE = 200  # names in one question; SQLite reads no deeper than a thousand

MOVE = """
    UPDATE ledger_account SET debits_posted = debits_posted + %s, credits_posted = credits_posted + %s,
        debits_pending = debits_pending + %s, credits_pending = credits_pending + %s, version = version + %s
    WHERE id = %s AND (NOT floored
        OR (normal = 'credit' AND credits_posted - debits_posted - debits_pending >= %s)
        OR (normal = 'debit' AND debits_posted - credits_posted - credits_pending >= %s))
"""


class LimitReached(Refusal):
    """The account would fall below zero, pending money included."""

    code = "limit_reached"
    words = gettext_noop("{account} has {available} left; {wanted} was asked for.")


def pass_turnstile() -> None:
    """Let one writing transaction into the ledger at a time, until it ends.

    SQLite has let in only one writer anyway. Without it two transactions of several journals each could wait for one
    another's accounts in a circle, whatever order each journal keeps.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURNSTILE])


def accounts_of(accts: Iterable[Acct], *, at: datetime) -> dict[Acct, models.Account]:
    """Return the accounts of these names in id order, opening those that are new."""
    wanted = set(accts)
    found = _read(wanted)
    missing = sorted(wanted - found.keys())
    if missing:
        models.Account.objects.bulk_create([_opened(acct, at) for acct in missing], ignore_conflicts=True)
        found = _read(wanted)
    return found


def _read(accts: set[Acct]) -> dict[Acct, models.Account]:
    named = [Q(book=a.book, kind=a.kind, owner=a.owner, currency=a.currency) for a in sorted(accts)]
    slices = [named[start : start + SLICE] for start in range(0, len(named), SLICE)]
    rows = [row for some in slices for row in models.Account.objects.filter(reduce(or_, some))]
    return {row.acct: row for row in sorted(rows, key=lambda row: row.pk)}


def _opened(acct: Acct, at: datetime) -> models.Account:
    kind = kind_of(acct)
    return models.Account(
        book=acct.book,
        kind=acct.kind,
        owner=acct.owner,
        currency=acct.currency,
        normal=kind.normal.value,
        floored=kind.floor,
        opened_at=at,
    )


def move_all(accounts: dict[Acct, models.Account], moves: Sequence[dict[Acct, Movement]]) -> None:
    """Move the counters by all of `moves`, one update an account, in id order; limits hold after each move.

    :raises LimitReached: a floored account would fall below zero.
    """
    sums: dict[Acct, Movement] = defaultdict(Movement)
    for move in moves:
        for acct, movement in move.items():
            sums[acct] += movement
            account = accounts[acct]
            if len(moves) > 1 and account.floored and sums[acct].taken(account.normal) > account.available_minor:
                raise too_little(account, sums[acct])
    for acct, account in accounts.items():
        move_counters(account, sums[acct])


def move_counters(account: models.Account, movement: Movement) -> None:
    """Move the counters of `account` in one conditional update; the limit stands in its WHERE.

    :raises LimitReached: a floored account would fall below zero.
    """
    m, taken = movement, movement.taken(account.normal)
    with connection.cursor() as cursor:
        cursor.execute(
            MOVE, [m.debits, m.credits, m.debits_pending, m.credits_pending, m.entries, account.pk, taken, taken]
        )
        moved = cursor.rowcount
    if not moved:
        account.refresh_from_db()
        raise too_little(account, movement)


def too_little(account: models.Account, movement: Movement) -> LimitReached:
    """Return the refusal of a movement that takes more than `account` has."""
    return LimitReached(
        account=str(account.acct),
        available=str(Money.from_minor(account.available_minor, account.currency)),
        wanted=str(Money.from_minor(movement.taken(account.normal), account.currency)),
    )
