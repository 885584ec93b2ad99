"""Post journals: one, or several that stand or fall together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from finance.ledger import models
from finance.ledger.rules import Acct, BadJournal, Line, NewJournal, book_of, journal_sha256, movements
from finance.ledger.use_cases.counters import accounts_of, move_counters, pass_turnstile
from marketplace.events.use_cases import KeyReused, next_ref
from marketplace.kernel.refs import Ref
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop


class PeriodClosed(Refusal):
    """The month is closed; book into an open one."""

    code = "period_closed"
    words = gettext_noop("{month} of the book {book} is closed.")


def post(
    *,
    key: str,
    lines: Sequence[Line],
    booked_on: date,
    source_ref: str,
    memo: str = "",
    value_on: date | None = None,
    by: str,
    at: datetime,
) -> str:
    """Post one journal and return its ref; the same key with the same body returns the first one's.

    :raises BadJournal: fewer than two lines, an amount that is not positive, two books, a currency that does not fit.
    :raises Unbalanced: debits and credits differ in a currency.
    :raises LimitReached: an account would fall below its floor.
    :raises PeriodClosed: the month of `booked_on` is closed.
    :raises KeyReused: the key stands for another journal.
    """
    journal = NewJournal(key, lines, booked_on, source_ref, memo, value_on)
    return post_once(journal, sha256=journal_sha256(journal), by=by, at=at)


def post_linked(*, journals: Sequence[NewJournal], by: str, at: datetime) -> list[str]:
    """Post all of `journals` in their order, or none; return their refs. Raises what `post` raises.

    A journal's fingerprint names those it is linked with, so one that was posted alone refuses to be linked later.
    """
    keys = [journal.key for journal in journals]
    if len(set(keys)) < len(keys):
        raise BadJournal(why="linked journals have keys of their own")
    with transaction.atomic():
        return [post_once(journal, sha256=journal_sha256(journal, keys), by=by, at=at) for journal in journals]


def post_once(
    journal: NewJournal, *, sha256: str, by: str, at: datetime, reverses: models.Journal | None = None
) -> str:
    """Post `journal` unless its key already stands; return the ref under that key."""
    known = posted_before(journal.key, sha256)
    if known:
        return known
    try:
        with transaction.atomic():
            return write_journal(journal, sha256=sha256, by=by, at=at, reverses=reverses).ref
    except IntegrityError:
        known = posted_before(journal.key, sha256)
        if known:
            return known
        raise


def posted_before(key: str, sha256: str) -> str | None:
    """Return the ref of the journal under `key`, None when there is none.

    :raises KeyReused: the key stands for another journal.
    """
    known = models.Journal.objects.filter(key=key).values_list("ref", "request_sha256").first()
    if known is None:
        return None
    if known[1] != sha256:
        raise KeyReused(key=key)
    return known[0]


def write_journal(
    journal: NewJournal,
    *,
    sha256: str,
    by: str,
    at: datetime,
    reverses: models.Journal | None = None,
    released: dict[Acct, tuple[int, int]] | None = None,
) -> models.Journal:
    """Move the counters, write the entries, then the journal that seals them; in the caller's transaction.

    released    pending (debits, credits) that this journal takes off each account: it posts a hold
    """
    book = book_of(journal.lines)
    pass_turnstile()
    period = _open_period(book, journal.booked_on)
    moves, freed = movements(journal.lines), released or {}
    accounts = accounts_of(moves, at=at)
    for acct, account in accounts.items():
        move, (debits, credits) = moves[acct], freed.get(acct, (0, 0))
        move_counters(
            account,
            debits=move.debits,
            credits=move.credits,
            debits_pending=-debits,
            credits_pending=-credits,
            entries=move.entries,
        )
    ref = next_ref("JN", at=at)
    number = _id_of(ref)
    models.Entry.objects.bulk_create(_entries(number, journal.lines, accounts))
    return models.Journal.objects.create(
        id=number,
        ref=ref,
        book=book,
        period=period,
        booked_on=journal.booked_on,
        value_on=journal.value_on or journal.booked_on,
        source_ref=journal.source_ref,
        memo=journal.memo,
        key=journal.key,
        request_sha256=sha256,
        lines=len(journal.lines),
        reverses=reverses,
        recorded_by=by,
        recorded_at=at,
    )


def _entries(journal_id: int, lines: Sequence[Line], accounts: dict[Acct, models.Account]) -> list[models.Entry]:
    """Return the rows of `lines`, each the next version of its account (as read before the counters moved)."""
    entries = []
    for position, line in enumerate(lines, 1):
        account = accounts[line.account]
        account.version += 1
        entries.append(
            models.Entry(
                journal_id=journal_id,
                position=position,
                account=account,
                version=account.version,
                side=line.side,
                amount=line.amount.minor,
            )
        )
    return entries


def _open_period(book: str, booked_on: date) -> models.Period:
    month = booked_on.replace(day=1)
    period = models.Period.objects.filter(book=book, month=month).first()
    if period is None:
        period, _ = models.Period.objects.get_or_create(book=book, month=month)
    if period.closed_at is not None:
        raise PeriodClosed(book=book, month=f"{month:%Y-%m}")
    return period


def _id_of(ref: str) -> int:
    parsed = Ref.parse(ref)
    return parsed.year * 10**9 + parsed.number
