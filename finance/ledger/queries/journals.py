"""What was booked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from finance.ledger import models
from finance.ledger.rules import Line
from finance.ledger.states import HoldState
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound


@dataclass(frozen=True)
class JournalView:
    """A journal with its lines, as it was posted."""

    ref: str
    book: str
    booked_on: date
    value_on: date
    source_ref: str
    memo: str
    key: str
    reverses: str
    lines: list[Line]


def journals_about(source_ref: str) -> list[JournalView]:
    """Return the journals that name `source_ref` as their source, oldest first."""
    rows = models.Journal.objects.filter(source_ref=source_ref).order_by("pk").select_related("reverses")
    return [_view(row) for row in rows.prefetch_related("entries__account")]


def all_journals(book: str) -> Iterator[JournalView]:
    """Yield the journals of a book, oldest first, read a few hundred at a time."""
    rows = models.Journal.objects.filter(book=book).order_by("pk").select_related("reverses")
    for row in rows.prefetch_related("entries__account").iterator(chunk_size=500):
        yield _view(row)


def journal_under(key: str) -> str:
    """Return the ref of the journal posted under `key`.

    :raises NotFound: there is none.
    """
    ref = models.Journal.objects.filter(key=key).values_list("ref", flat=True).first()
    if ref is None:
        raise NotFound(what="journal", ref=key)
    return ref


def pending_holds(prefix: str) -> dict[str, Money]:
    """Return what is promised and neither posted nor voided, by key, of all keys that begin so."""
    rows = models.Hold.objects.filter(state=HoldState.PENDING.value, key__startswith=prefix)
    found = rows.order_by("pk").values_list("key", "amount", "debit_account__currency")
    return {key: Money.from_minor(amount, currency) for key, amount, currency in found.iterator(2_000)}


def _view(row: models.Journal) -> JournalView:
    entries = sorted(row.entries.all(), key=lambda entry: entry.position)
    return JournalView(
        ref=row.ref,
        book=row.book,
        booked_on=row.booked_on,
        value_on=row.value_on,
        source_ref=row.source_ref,
        memo=row.memo,
        key=row.key,
        reverses=row.reverses.ref if row.reverses else "",
        lines=[Line(e.account.acct, e.side, Money.from_minor(e.amount, e.account.currency)) for e in entries],
    )
