"""Post journals: one, or several that stand or fall together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from django.db import IntegrityError, transaction

from finance.ledger import models
from finance.ledger.rules import Acct, BadJournal, Line, NewJournal, book_of, journal_sha256, movements
from finance.ledger.use_cases.counters import accounts_of, move_all, pass_turnstile
from marketplace.events.use_cases import KeyReused, next_refs
from marketplace.kernel.refs import Ref
from marketplace.kernel.refusals import Refusal
from marketplace.kernel.words import gettext_noop


class PeriodClosed(Refusal):
    """The month is closed; book into an open one."""

    code = "period_closed"
    words = gettext_noop("{month} of the book {book} is closed.")


@dataclass(frozen=True)
class Wish:
    """A journal on its way into the books.

    reverses    the journal that it undoes
    released    pending (debits, credits) that it takes off accounts, because it posts a hold
    """

    journal: NewJournal
    sha256: str
    reverses: models.Journal | None = None
    released: dict[Acct, tuple[int, int]] | None = None


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

    Limits are kept after each of them, as if they had been posted one by one; the counters of an account are written
    once for all, so a thousand journals cost little more than one. A journal's fingerprint names those it is linked
    with, so one that was posted alone refuses to be linked later.
    """
    keys = [journal.key for journal in journals]
    if len(set(keys)) < len(keys):
        raise BadJournal(why="linked journals have keys of their own")
    return _once({journal.key: Wish(journal, journal_sha256(journal, keys)) for journal in journals}, by, at)


def post_once(
    journal: NewJournal, *, sha256: str, by: str, at: datetime, reverses: models.Journal | None = None
) -> str:
    """Post `journal` unless its key already stands; return the ref under that key."""
    [ref] = _once({journal.key: Wish(journal, sha256, reverses)}, by, at)
    return ref


def _once(wishes: dict[str, Wish], by: str, at: datetime) -> list[str]:
    known = _posted_before(wishes)
    if known:
        return known
    try:
        with transaction.atomic():
            return [journal.ref for journal in write_journals(list(wishes.values()), by=by, at=at)]
    except IntegrityError:
        known = _posted_before(wishes)
        if known:
            return known
        raise


def _posted_before(wishes: dict[str, Wish]) -> list[str]:
    """Return the refs of the journals under these keys, nothing when there are none.

    :raises KeyReused: a key stands for another journal, or for one that was not linked with these.
    """
    rows = models.Journal.objects.filter(key__in=list(wishes)).values_list("key", "ref", "request_sha256")
    known = {key: (ref, sha256) for key, ref, sha256 in rows}
    for key, (_, sha256) in known.items():
        if wishes[key].sha256 != sha256:
            raise KeyReused(key=key)
    return [known[key][0] for key in wishes] if known else []


def posted_before(key: str, sha256: str) -> str | None:
    """Return the ref of the journal under `key`, None when there is none.

    :raises KeyReused: the key stands for another journal.
    """
    known = models.Journal.objects.filter(key=key).values_list("ref", "request_sha256").first()
    if known is not None and known[1] != sha256:
        raise KeyReused(key=key)
    return known[0] if known else None


def write_journals(wishes: Sequence[Wish], *, by: str, at: datetime) -> list[models.Journal]:
    """Move the counters, write the entries, then the journals that seal them; in the caller's transaction."""
    places = [(book_of(wish.journal.lines), wish.journal.booked_on.replace(day=1)) for wish in wishes]
    pass_turnstile()
    periods = _open_periods(set(places))
    moves = [movements(wish.journal.lines, wish.released) for wish in wishes]
    accounts = accounts_of({acct for move in moves for acct in move}, at=at)
    move_all(accounts, moves)
    refs = next_refs("JN", len(wishes), at=at)
    rows = [
        _journal_row(ref, wish, periods[place], by, at) for ref, wish, place in zip(refs, wishes, places, strict=True)
    ]
    entries = [_entries(row.pk, wish.journal.lines, accounts) for row, wish in zip(rows, wishes, strict=True)]
    models.Entry.objects.bulk_create(chain.from_iterable(entries))
    return models.Journal.objects.bulk_create(rows)


def _journal_row(ref: str, wish: Wish, period: models.Period, by: str, at: datetime) -> models.Journal:
    journal = wish.journal
    return models.Journal(
        id=_id_of(ref),
        ref=ref,
        book=period.book,
        period=period,
        booked_on=journal.booked_on,
        value_on=journal.value_on or journal.booked_on,
        source_ref=journal.source_ref,
        memo=journal.memo,
        key=journal.key,
        request_sha256=wish.sha256,
        lines=len(journal.lines),
        reverses=wish.reverses,
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


def _open_periods(wanted: set[tuple[str, date]]) -> dict[tuple[str, date], models.Period]:
    """Return the months of these books, opening those that are new.

    :raises PeriodClosed: one of them is closed.
    """
    periods = {}
    for book, month in sorted(wanted):
        period = models.Period.objects.filter(book=book, month=month).first()
        if period is None:
            period, _ = models.Period.objects.get_or_create(book=book, month=month)
        if period.closed_at is not None:
            raise PeriodClosed(book=book, month=f"{month:%Y-%m}")
        periods[(book, month)] = period
    return periods


def _id_of(ref: str) -> int:
    parsed = Ref.parse(ref)
    return parsed.year * 10**9 + parsed.number
