"""Undo a journal by its exact mirror, once."""

from __future__ import annotations

from datetime import date, datetime

from finance.ledger import models
from finance.ledger.rules import BadJournal, Line, NewJournal, canonical_sha256, mirror
from finance.ledger.use_cases.post import post_once, posted_before
from marketplace.kernel.money import Money
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop


class AlreadyReversed(Refusal):
    """A journal is reversed once."""

    code = "already_reversed"
    words = gettext_noop("{journal} is reversed by {reversal} already.")


def reverse(*, journal_ref: str, key: str, booked_on: date, by: str, at: datetime, memo: str = "") -> str:
    """Post the exact mirror of a journal into an open month; return its ref. The same request returns the first.

    :raises NotFound: there is no such journal.
    :raises BadJournal: it is a reversal itself: post anew what was undone by mistake.
    :raises AlreadyReversed: by another key.
    :raises LimitReached, PeriodClosed: as `post`.
    """
    journal = models.Journal.objects.filter(ref=journal_ref).first()
    if journal is None:
        raise NotFound(what="journal", ref=journal_ref)
    sha256 = canonical_sha256("reverse", journal_ref, booked_on, memo)
    known = posted_before(key, sha256)
    if known:
        return known
    if journal.reverses_id is not None:
        raise BadJournal(why=f"{journal_ref} is a reversal itself")
    reversal = models.Journal.objects.filter(reverses=journal).first()
    if reversal is not None:
        raise AlreadyReversed(journal=journal_ref, reversal=reversal.ref)
    undone = NewJournal(
        key, mirror(lines_of(journal)), booked_on, journal.source_ref, memo or f"reverses {journal_ref}"
    )
    return post_once(undone, sha256=sha256, by=by, at=at, reverses=journal)


def lines_of(journal: models.Journal) -> list[Line]:
    """Return the lines as they were posted, in their order."""
    entries = journal.entries.select_related("account").order_by("position")
    return [Line(e.account.acct, e.side, Money.from_minor(e.amount, e.account.currency)) for e in entries]
