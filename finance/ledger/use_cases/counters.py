"""Accounts and their counters: opened on first use, moved only by a conditional update."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import F, Q

from finance.ledger import models
from finance.ledger.rules import Acct, Side, kind_of
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop

TURNSTILE = 0x6C6564676572  # "ledger"


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
    named = [Q(book=a.book, kind=a.kind, owner=a.owner, currency=a.currency) for a in accts]
    rows = models.Account.objects.filter(reduce(or_, named)).order_by("pk")
    return {row.acct: row for row in rows}


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


def move_counters(
    account: models.Account,
    *,
    debits: int = 0,
    credits: int = 0,
    debits_pending: int = 0,
    credits_pending: int = 0,
    entries: int = 0,
) -> None:
    """Move the counters of `account` by these amounts in one conditional update; the limit stands in its WHERE.

    :raises LimitReached: a floored account would fall below zero.
    """
    changes = {
        "debits_posted": debits,
        "credits_posted": credits,
        "debits_pending": debits_pending,
        "credits_pending": credits_pending,
        "version": entries,
    }
    allowed = models.Account.objects.filter(pk=account.pk)
    if account.floored and account.normal == Side.CREDIT:
        allowed = allowed.filter(
            credits_posted__gte=F("debits_posted") + F("debits_pending") + (debits + debits_pending - credits)
        )
    elif account.floored:
        allowed = allowed.filter(
            debits_posted__gte=F("credits_posted") + F("credits_pending") + (credits + credits_pending - debits)
        )
    if not allowed.update(**{name: F(name) + by for name, by in changes.items() if by}):
        account.refresh_from_db()
        taken = (
            (debits + debits_pending - credits)
            if account.normal == Side.CREDIT
            else (credits + credits_pending - debits)
        )
        raise LimitReached(
            account=str(account.acct),
            available=str(Money.from_minor(account.available_minor, account.currency)),
            wanted=str(Money.from_minor(taken, account.currency)),
        )
