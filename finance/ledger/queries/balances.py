"""What stands on accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, F, Q, QuerySet, Sum, When

from finance.ledger import models
from finance.ledger.rules import CHART, Acct, Side, kind_of
from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money

PLATFORM_BOOK = "platform"


@dataclass(frozen=True)
class TrialRow:
    """All accounts of one kind and currency in a book; `balance` is positive on the normal side."""

    kind: str
    currency: str
    debits: Money
    credits: Money
    balance: Money


@dataclass(frozen=True)
class StatementLine:
    """One entry on a statement; `change` and `balance` are positive on the account's normal side."""

    journal_ref: str
    booked_on: date
    value_on: date
    source_ref: str
    memo: str
    side: str
    amount: Money
    change: Money
    balance: Money


@dataclass(frozen=True)
class Statement:
    """The entries of one account booked in [since, until), between two balances."""

    account: Acct
    since: date
    until: date
    opening: Money
    lines: list[StatementLine]
    closing: Money


def balance(acct: Acct) -> Money:
    """Return what is posted on the account, positive on its normal side; zero when it was never used."""
    row = _row(acct)
    return Money.from_minor(row.posted_minor if row else 0, acct.currency)


def available(acct: Acct) -> Money:
    """Return what is posted on the account less what is held against it."""
    row = _row(acct)
    return Money.from_minor(row.available_minor if row else 0, acct.currency)


def _row(acct: Acct) -> models.Account | None:
    kind_of(acct)
    return models.Account.objects.filter(
        book=acct.book, kind=acct.kind, owner=acct.owner, currency=acct.currency
    ).first()


def trial_balance(book: str = PLATFORM_BOOK) -> list[TrialRow]:
    """Return one row for each kind of account and currency of the book; debits and credits add up to the same."""
    sums = (
        models.Account.objects.filter(book=book)
        .values("kind", "currency", "normal")
        .annotate(debits=Sum("debits_posted"), credits=Sum("credits_posted"))
        .order_by("currency", "kind")
    )
    return [_trial_row(row) for row in sums]


def _trial_row(row: Mapping[str, object]) -> TrialRow:
    currency, debits, credits = str(row["currency"]), int(str(row["debits"])), int(str(row["credits"]))
    drift = debits - credits
    return TrialRow(
        kind=str(row["kind"]),
        currency=currency,
        debits=Money.from_minor(debits, currency),
        credits=Money.from_minor(credits, currency),
        balance=Money.from_minor(drift if row["normal"] == Side.DEBIT else -drift, currency),
    )


def statement(acct: Acct, since: date, until: date) -> Statement:
    """Return the account's entries booked from `since` up to and not including `until`, in order of booking."""
    entries = models.Entry.objects.filter(
        account__book=acct.book, account__kind=acct.kind, account__owner=acct.owner, account__currency=acct.currency
    )
    grows = kind_of(acct).normal.value
    signed = Sum(Case(When(side=grows, then=F("amount")), default=-F("amount")))
    running = int(entries.filter(journal__booked_on__lt=since).aggregate(sum=signed)["sum"] or 0)
    opening, lines = running, []
    period = entries.filter(journal__booked_on__gte=since, journal__booked_on__lt=until).select_related("journal")
    for entry in period.order_by("journal__booked_on", "version"):
        change = entry.amount if entry.side == grows else -entry.amount
        running += change
        lines.append(_statement_line(entry, change, running, acct.currency))
    closing = Money.from_minor(running, acct.currency)
    return Statement(acct, since, until, Money.from_minor(opening, acct.currency), lines, closing)


def _statement_line(entry: models.Entry, change: int, running: int, currency: str) -> StatementLine:
    return StatementLine(
        journal_ref=entry.journal.ref,
        booked_on=entry.journal.booked_on,
        value_on=entry.journal.value_on,
        source_ref=entry.journal.source_ref,
        memo=entry.journal.memo,
        side=entry.side,
        amount=Money.from_minor(entry.amount, currency),
        change=Money.from_minor(change, currency),
        balance=Money.from_minor(running, currency),
    )


def accounts_for(actor: Actor) -> QuerySet[models.Account]:
    """Return what the asker may see: staff all; a firm its accounts with the platform and the book it keeps here."""
    every = models.Account.objects.order_by("pk")
    if actor.staff:
        return every
    if not actor.organisation:
        return every.none()
    shared = [name for name, kind in CHART.items() if kind.shared]
    own = Q(book=PLATFORM_BOOK, owner=actor.organisation, kind__in=shared)
    return every.filter(own | Q(book=actor.organisation))
