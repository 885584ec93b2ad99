"""What must hold of tenders at any time."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Q

from finance.ledger import queries as ledger
from finance.ledger.rules import Acct
from marketplace.kernel.money import Money
from procurement.tenders import models
from procurement.tenders.queries import auctions, reading
from procurement.tenders.rules.procedures import MOST_MOVES
from procurement.tenders.states import OPEN_COMPLAINT, AmendmentState, BondState, TenderState


def verify() -> list[str]:
    """Return what of tenders does not add up; empty when all is well."""
    return [*reading.verify(), *_complaints(), *_awards(), *_amendments(), *_bonds(), *auctions.verify()]


def _complaints() -> Iterator[str]:
    """Check that each tender counts the complaints that wait, and that none waits where no award stands."""
    waiting = Count("complaints", filter=Q(complaints__state__in=OPEN_COMPLAINT))
    rows = models.Tender.objects.annotate(waiting=waiting)
    for row in rows.exclude(waiting=F("complaints_open")):
        yield f"{row.ref} counts {row.complaints_open} complaints, {row.waiting} wait"
    for row in rows.filter(waiting__gt=0).exclude(state=TenderState.AWARDED.value):
        yield f"{row.ref} is {row.state} while a complaint waits"


def _awards() -> Iterator[str]:
    """Check that an award stands exactly where the tender is awarded."""
    stands = Count("awards", filter=Q(awards__set_aside_at__isnull=True))
    rows = models.Tender.objects.filter(historic=False).annotate(stands=stands)
    after = [TenderState.AWARDED.value, TenderState.CONTRACTED.value]
    for row in rows.filter(state__in=after).exclude(stands=1):
        yield f"{row.ref} is {row.state} with {row.stands} awards"
    before = [TenderState.PUBLISHED.value, TenderState.CLOSED.value, TenderState.OPENED.value]
    for row in rows.filter(state__in=before, stands__gt=0):
        yield f"{row.ref} is {row.state} with an award"


def _amendments() -> Iterator[str]:
    """Check that the terms in force are those of the last amendment, and that deadlines were moved within the rule."""
    published = models.Amendment.objects.filter(state=AmendmentState.PUBLISHED.value).order_by("published_at", "pk")
    last: dict[int, models.Amendment] = {}
    moves: dict[str, int] = {}
    for row in published.select_related("tender"):
        last[row.tender_id] = row
        moves[row.tender.ref] = moves.get(row.tender.ref, 0) + (row.bids_until is not None)
    for row in last.values():
        if row.terms_sha256 != row.tender.terms_sha256:
            yield f"{row.tender.ref} has other terms than its last amendment {row.ref}"
    yield from (f"{ref} was put off {times} times" for ref, times in moves.items() if times > MOST_MOVES)


def _bonds() -> Iterator[str]:
    """Check that every lodged bond is held on the ledger, and that none outlives a tender that came to nothing."""
    lodged = models.BidBond.objects.filter(state=BondState.LODGED.value).select_related("tender")
    sums: dict[tuple[str, str], int] = {}
    for row in lodged:
        key = (row.supplier_ref, row.currency)
        sums[key] = sums.get(key, 0) + row.amount_minor
        if row.tender.state in {TenderState.CANCELLED, TenderState.FAILED}:
            yield f"{row.ref} is lodged though {row.tender.ref} is {row.tender.state}"
    for (owner, currency), minor in sums.items():
        acct = Acct("bid_bonds", owner, currency)
        held = ledger.balance(acct) - ledger.available(acct)
        if held < Money.from_minor(minor, currency):
            yield f"{owner} has bonds of {Money.from_minor(minor, currency)} lodged, {held} is held"
